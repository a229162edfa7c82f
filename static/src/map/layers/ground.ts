/// What lies under the streets: water, green, rails.
import type * as L from 'leaflet';

import type { Ground, Position } from '../../api/types';
import { CanvasLayer, type View } from '../canvas';
import { mapColours } from '../colours';
import { toWorld } from '../convert';

export interface GroundLayer {
  show(): void;
  remove(): void;
  set(grounds: readonly Ground[]): void;
  redraw(): void;
}

type Line = readonly (readonly [number, number])[];

function trace(path: Path2D, line: Line, view: View, close: boolean): void {
  line.forEach(([x, y], i) => {
    const px = x * view.scale - view.left;
    const py = y * view.scale - view.top;
    if (i === 0) path.moveTo(px, py);
    else path.lineTo(px, py);
  });
  if (close) path.closePath();
}

export function createGround(map: L.Map): GroundLayer {
  let areas: { kind: 'water' | 'green'; rings: Line[] }[] = [];
  let rails: Line[] = [];
  const world = (positions: readonly Position[]): Line => positions.map(toWorld);

  const layer = new CanvasLayer('ground', (ctx, view) => {
    const colours = mapColours();
    for (const kind of ['green', 'water'] as const) {
      ctx.fillStyle = colours[kind];
      for (const area of areas) {
        if (area.kind !== kind) continue;
        const path = new Path2D();
        for (const ring of area.rings) trace(path, ring, view, true);
        ctx.fill(path, 'evenodd');
      }
    }
    const path = new Path2D();
    for (const rail of rails) trace(path, rail, view, false);
    ctx.strokeStyle = colours.rail;
    ctx.lineWidth = Math.max(1, 2.6 * 2 ** ((view.zoom - 17) * 0.6));
    ctx.stroke(path);
    if (view.zoom >= 15) {
      // Sleepers.
      ctx.lineWidth *= 2.6;
      ctx.setLineDash([1.5, 9]);
      ctx.stroke(path);
      ctx.setLineDash([]);
    }
  });

  return {
    show: () => layer.addTo(map),
    remove: () => layer.remove(),
    set(grounds) {
      areas = [];
      rails = [];
      for (const { geometry, properties } of grounds) {
        if (geometry.type === 'LineString') rails.push(world(geometry.coordinates));
        else if (properties.kind !== 'rail') areas.push({ kind: properties.kind, rings: geometry.coordinates.map(world) });
      }
      layer.redraw();
    },
    redraw: () => layer.redraw(),
  };
}
