/// The ways: links between cases and their volunteers, and the ways of a match with one of them in front.
import type * as L from 'leaflet';

import type { Link, Position } from '../../api/types';
import { CanvasLayer, type View } from '../canvas';
import { mapColours } from '../colours';
import { toWorld } from '../convert';

type World = readonly (readonly [number, number])[];

function stroke(ctx: CanvasRenderingContext2D, view: View, line: World): void {
  ctx.beginPath();
  line.forEach(([x, y], i) => {
    const px = x * view.scale - view.left;
    const py = y * view.scale - view.top;
    if (i === 0) ctx.moveTo(px, py);
    else ctx.lineTo(px, py);
  });
  ctx.stroke();
}

export interface LinksLayer {
  show(): void;
  remove(): void;
  set(links: readonly Link[]): void;
  redraw(): void;
}

export function createLinks(map: L.Map): LinksLayer {
  let lines: World[] = [];
  const layer = new CanvasLayer('links', (ctx, view) => {
    ctx.lineJoin = 'round';
    ctx.lineCap = 'round';
    ctx.strokeStyle = mapColours().link;
    ctx.lineWidth = 2.4;
    for (const line of lines) stroke(ctx, view, line);
  });
  return {
    show: () => layer.addTo(map),
    remove: () => layer.remove(),
    set(links) {
      lines = links.map((link) => link.geometry.coordinates.map(toWorld));
      layer.redraw();
    },
    redraw: () => layer.redraw(),
  };
}

export interface Way {
  readonly id: number;
  readonly path: readonly Position[];
  /// The doors: a dotted line joins them to where the way meets the street.
  readonly from: Position | null;
  readonly to: Position | null;
}
export interface WaysLayer {
  show(): void;
  remove(): void;
  set(ways: readonly Way[], front: number | null): void;
  redraw(): void;
}

export function createWays(map: L.Map): WaysLayer {
  let lines: { id: number; line: World; doors: World[] }[] = [];
  let front: number | null = null;
  const layer = new CanvasLayer('ways', (ctx, view) => {
    const colours = mapColours();
    ctx.lineJoin = 'round';
    ctx.lineCap = 'round';
    for (const { id, line } of lines) {
      if (id === front) continue;
      ctx.strokeStyle = colours.halo;
      ctx.lineWidth = 5.5;
      stroke(ctx, view, line);
      ctx.strokeStyle = colours.wayOther;
      ctx.lineWidth = 3;
      ctx.setLineDash([1, 7]);
      stroke(ctx, view, line);
      ctx.setLineDash([]);
    }
    ctx.strokeStyle = colours.wayOther;
    ctx.lineWidth = 2;
    ctx.setLineDash([1, 4]);
    for (const { doors } of lines) for (const door of doors) stroke(ctx, view, door);
    ctx.setLineDash([]);
    for (const { id, line } of lines) {
      if (id !== front) continue;
      ctx.strokeStyle = colours.halo;
      ctx.lineWidth = 10;
      stroke(ctx, view, line);
      ctx.strokeStyle = colours.way;
      ctx.lineWidth = 5.5;
      stroke(ctx, view, line);
    }
  });
  return {
    show: () => layer.addTo(map),
    remove: () => layer.remove(),
    set(ways, next) {
      lines = ways.map(({ id, path, from, to }) => {
        const [first, last] = [path[0], path.at(-1)];
        const doors: World[] = [];
        if (first && from) doors.push([first, from].map(toWorld));
        if (last && to) doors.push([last, to].map(toWorld));
        return { id, line: path.map(toWorld), doors };
      });
      front = next;
      layer.redraw();
    },
    redraw: () => layer.redraw(),
  };
}
