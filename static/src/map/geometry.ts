/// Street edges prepared for drawing: world pixels, lengths along the line, and the pieces between two offsets.
import type { Street } from '../api/types';
import { toWorld } from './convert';

export interface Edge {
  readonly id: number;
  readonly street: Street['properties'];
  readonly rank: number;
  /// x0, y0, x1, y1… in world pixels at zoom 0.
  readonly xy: Float64Array;
  /// Length along the line up to each position, scaled so that the last one is `length_m`.
  readonly along: Float64Array;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/// 0 = main road … 5 = footpath.
export function rankOf(highway: string): number {
  switch (highway.replace(/_link$/, '')) {
    case 'motorway':
    case 'trunk':
    case 'primary':
      return 0;
    case 'secondary':
    case 'tertiary':
      return 1;
    case 'residential':
    case 'unclassified':
    case 'living_street':
    case 'road':
      return 2;
    case 'pedestrian':
      return 3;
    case 'service':
      return 4;
    default:
      return 5;
  }
}

export function prepare(street: Street): Edge {
  const { coordinates } = street.geometry;
  const xy = new Float64Array(coordinates.length * 2);
  const along = new Float64Array(coordinates.length);
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  let run = 0;
  coordinates.forEach((position, i) => {
    const [x, y] = toWorld(position);
    if (i > 0) run += Math.hypot(x - (xy[2 * i - 2] as number), y - (xy[2 * i - 1] as number));
    xy[2 * i] = x;
    xy[2 * i + 1] = y;
    along[i] = run;
    minX = Math.min(minX, x);
    minY = Math.min(minY, y);
    maxX = Math.max(maxX, x);
    maxY = Math.max(maxY, y);
  });
  const scale = run > 0 ? street.properties.length_m / run : 0;
  for (let i = 0; i < along.length; i += 1) along[i] = (along[i] as number) * scale;
  return { id: street.id, street: street.properties, rank: rankOf(street.properties.highway), xy, along, minX, minY, maxX, maxY };
}

interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}
interface Frame {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/// Draws the whole edge.
export function trace(pen: Pen, edge: Edge, view: Frame): void {
  const { xy } = edge;
  for (let i = 0; i < xy.length; i += 2) {
    const x = (xy[i] as number) * view.scale - view.left;
    const y = (xy[i + 1] as number) * view.scale - view.top;
    if (i === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
}

/// Draws the stretch between two offsets, in metres from the edge's first position.
export function traceBetween(pen: Pen, edge: Edge, from: number, to: number, view: Frame): void {
  const { xy, along } = edge;
  let started = false;
  for (let i = 1; i < along.length; i += 1) {
    const a = along[i - 1] as number;
    const b = along[i] as number;
    if (b < from || b <= a) continue;
    if (a > to) break;
    const x0 = (xy[2 * i - 2] as number) * view.scale - view.left;
    const y0 = (xy[2 * i - 1] as number) * view.scale - view.top;
    const x1 = (xy[2 * i] as number) * view.scale - view.left;
    const y1 = (xy[2 * i + 1] as number) * view.scale - view.top;
    if (!started) {
      const share = Math.max(0, Math.min(1, (from - a) / (b - a)));
      pen.moveTo(x0 + share * (x1 - x0), y0 + share * (y1 - y0));
      started = true;
    }
    const share = Math.max(0, Math.min(1, (to - a) / (b - a)));
    pen.lineTo(x0 + share * (x1 - x0), y0 + share * (y1 - y0));
  }
}

export function inView(edge: Edge, view: Frame & { readonly width: number; readonly height: number }, margin = 20): boolean {
  return (
    edge.maxX * view.scale - view.left > -margin &&
    edge.minX * view.scale - view.left < view.width + margin &&
    edge.maxY * view.scale - view.top > -margin &&
    edge.minY * view.scale - view.top < view.height + margin
  );
}

export interface Hit {
  readonly edge: Edge;
  readonly offsetM: number;
  readonly distance: number;
}

/// The edge nearest to a world position, within `reach` world pixels.
export function nearest(edges: readonly Edge[], x: number, y: number, reach: number): Hit | null {
  let best: Hit | null = null;
  for (const edge of edges) {
    if (x < edge.minX - reach || x > edge.maxX + reach || y < edge.minY - reach || y > edge.maxY + reach) continue;
    const { xy, along } = edge;
    for (let i = 1; i < along.length; i += 1) {
      const x0 = xy[2 * i - 2] as number;
      const y0 = xy[2 * i - 1] as number;
      const dx = (xy[2 * i] as number) - x0;
      const dy = (xy[2 * i + 1] as number) - y0;
      const square = dx * dx + dy * dy;
      const share = square > 0 ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square)) : 0;
      const distance = Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
      if (distance > (best?.distance ?? reach)) continue;
      const a = along[i - 1] as number;
      best = { edge, offsetM: a + share * ((along[i] as number) - a), distance };
    }
  }
  return best;
}
