/// Names of streets along their longest straight run, and where the names of quarters go: none over another.
import type * as L from 'leaflet';

import type { Position, Quarter } from '../../api/types';
import { CanvasLayer, type View } from '../canvas';
import { mapColours } from '../colours';
import { toWorld } from '../convert';
import type { Edge } from '../geometry';


export interface LabelsLayer {
  show(): void;
  remove(): void;
  setStreets(edges: readonly Edge[]): void;
  setQuarters(quarters: readonly Quarter[]): void;
  redraw(): void;
}

interface Chain {
  readonly name: string;
  readonly rank: number;
  readonly xy: readonly number[];
  readonly length: number;
}

/// Joins the edges of one name end to end wherever exactly two of them meet.
export function chainsOf(edges: readonly Edge[]): Chain[] {
  const byName = new Map<string, Edge[]>();
  for (const edge of edges) {
    const { name } = edge.street;
    if (name === null || name === '') continue;
    const list = byName.get(name);
    if (list) list.push(edge);
    else byName.set(name, [edge]);
  }
  const chains: Chain[] = [];
  for (const [name, group] of byName) {
    const ends = new Map<string, number[]>();
    const key = (edge: Edge, last: boolean): string => {
      const i = last ? edge.xy.length - 2 : 0;
      return `${(edge.xy[i] as number).toFixed(7)},${(edge.xy[i + 1] as number).toFixed(7)}`;
    };
    group.forEach((edge, index) => {
      for (const last of [false, true]) {
        const k = key(edge, last);
        const list = ends.get(k);
        if (list) list.push(index);
        else ends.set(k, [index]);
      }
    });
    const used = new Set<number>();
    group.forEach((edge, start) => {
      if (used.has(start)) return;
      used.add(start);
      let points = [...edge.xy];
      let rank = edge.rank;
      for (const forward of [true, false]) {
        let at = key(edge, forward);
        for (;;) {
          const here: number[] | undefined = ends.get(at);
          if (!here || here.length !== 2) break;
          const next: number | undefined = here.find((index) => !used.has(index));
          if (next === undefined) break;
          used.add(next);
          const other = group[next] as Edge;
          rank = Math.min(rank, other.rank);
          const starts = key(other, false) === at;
          const xy: number[] = [];
          const n = other.xy.length;
          for (let i = 0; i < n; i += 2) {
            const j = starts ? i : n - 2 - i;
            xy.push(other.xy[j] as number, other.xy[j + 1] as number);
          }
          if (forward) points = points.concat(xy.slice(2));
          else {
            const reversed: number[] = [];
            for (let i = xy.length - 2; i >= 2; i -= 2) reversed.push(xy[i] as number, xy[i + 1] as number);
            points = reversed.concat(points);
          }
          at = key(other, starts);
        }
      }
      let length = 0;
      for (let i = 2; i < points.length; i += 2)
        length += Math.hypot(
          (points[i] as number) - (points[i - 2] as number),
          (points[i + 1] as number) - (points[i - 1] as number),
        );
      chains.push({ name, rank, xy: points, length });
    });
  }
  return chains.sort((a, b) => a.rank - b.rank || b.length - a.length);
}

interface Run {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly length: number;
}

/// The straight runs of a chain in canvas pixels, longest first.
function runs(chain: Chain, view: View): Run[] {
  const found: Run[] = [];
  const { xy } = chain;
  let startX = (xy[0] as number) * view.scale - view.left;
  let startY = (xy[1] as number) * view.scale - view.top;
  let prevX = startX;
  let prevY = startY;
  const close = (): void => {
    const length = Math.hypot(prevX - startX, prevY - startY);
    let angle = Math.atan2(prevY - startY, prevX - startX);
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle <= -Math.PI / 2) angle += Math.PI;
    found.push({ x: (startX + prevX) / 2, y: (startY + prevY) / 2, angle, length });
  };
  for (let i = 2; i < xy.length; i += 2) {
    const x = (xy[i] as number) * view.scale - view.left;
    const y = (xy[i + 1] as number) * view.scale - view.top;
    const step = Math.hypot(x - prevX, y - prevY);
    const soFar = Math.hypot(prevX - startX, prevY - startY);
    if (step > 2 && soFar > 2) {
      const turn = Math.abs(Math.atan2(y - prevY, x - prevX) - Math.atan2(prevY - startY, prevX - startX));
      if (Math.min(turn, 2 * Math.PI - turn) > 0.16) {
        close();
        startX = prevX;
        startY = prevY;
      }
    }
    prevX = x;
    prevY = y;
  }
  close();
  return found.sort((a, b) => b.length - a.length);
}

const CELL = 18;

export function ringsOf(quarter: Quarter): readonly (readonly Position[])[] {
  return quarter.geometry.type === 'Polygon' ? quarter.geometry.coordinates : quarter.geometry.coordinates.flat();
}

export interface QuarterName {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/// The centre of the box of the first ring: good enough for a compact quarter.
export function quarterNames(quarters: readonly Quarter[]): QuarterName[] {
  return quarters.map((quarter) => {
    const ring = (ringsOf(quarter)[0] ?? []).map(toWorld);
    const xs = ring.map(([x]) => x);
    const ys = ring.map(([, y]) => y);
    return {
      name: quarter.properties.name,
      x: (Math.min(...xs) + Math.max(...xs)) / 2,
      y: (Math.min(...ys) + Math.max(...ys)) / 2,
    };
  });
}

type Free = (x: number, y: number, angle: number, width: number, height: number) => boolean;

/// Where each name goes, in canvas pixels: one above the other when they would touch. Leaves the font set.
export function placeQuarters(
  ctx: CanvasRenderingContext2D,
  view: View,
  quarters: readonly QuarterName[],
  free: Free,
): { name: string; x: number; y: number }[] {
  const size = Math.max(13, Math.min(19, 13 + (view.zoom - 14) * 2));
  ctx.font = `650 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  return quarters.flatMap(({ name, x: worldX, y: worldY }) => {
    const x = worldX * view.scale - view.left;
    const middle = worldY * view.scale - view.top;
    if (x < -200 || middle < -40 || x > view.width + 200 || middle > view.height + 40) return [];
    const width = ctx.measureText(name).width + 10;
    const y = [0, 1, -1, 2].map((step) => middle + step * (size + 6)).find((at) => free(x, at, 0, width, size));
    return y === undefined ? [] : [{ name, x, y }];
  });
}

/// A grid of what is taken.
export function places(): Free {
  const taken = new Set<string>();
  return (x, y, angle, width, height) => {
    const cells: string[] = [];
    const steps = Math.max(1, Math.ceil(width / CELL));
    for (let i = 0; i <= steps; i += 1) {
      const along = (i / steps - 0.5) * width;
      for (const across of [-height / 2, height / 2]) {
        const px = x + Math.cos(angle) * along - Math.sin(angle) * across;
        const py = y + Math.sin(angle) * along + Math.cos(angle) * across;
        cells.push(`${Math.round(px / CELL)},${Math.round(py / CELL)}`);
      }
    }
    if (cells.some((cell) => taken.has(cell))) return false;
    for (const cell of cells) taken.add(cell);
    return true;
  };
}

export function createLabels(map: L.Map): LabelsLayer {
  let chains: Chain[] = [];
  let quarters: QuarterName[] = [];
  const family = getComputedStyle(document.body).fontFamily;

  const layer = new CanvasLayer('labels', (ctx, view) => {
    const colours = mapColours();
    const free = places();
    // Quarter names are drawn above the mask, by their own layer: here their places are only kept free.
    placeQuarters(ctx, view, quarters, free);

    const deepest = view.zoom < 14.5 ? 0 : view.zoom < 16 ? 1 : view.zoom < 17 ? 2 : 4;
    for (const chain of chains) {
      if (chain.rank > deepest) continue;
      const size = chain.rank <= 1 ? 13 : 12;
      ctx.font = `${chain.rank <= 0 ? 600 : 400} ${size}px ${family}`;
      const width = ctx.measureText(chain.name).width;
      const placed: Run[] = [];
      for (const run of runs(chain, view)) {
        if (run.length < width + 10 || placed.length === 3) break;
        if (run.x < 0 || run.y < 0 || run.x > view.width || run.y > view.height) continue;
        if (placed.some((other) => Math.hypot(other.x - run.x, other.y - run.y) < 420)) continue;
        if (!free(run.x, run.y, run.angle, width + 14, size)) continue;
        placed.push(run);
        ctx.save();
        ctx.translate(run.x, run.y);
        ctx.rotate(run.angle);
        ctx.strokeStyle = colours.halo;
        ctx.lineWidth = 3.5;
        ctx.strokeText(chain.name, 0, 0);
        ctx.fillStyle = colours.label;
        ctx.fillText(chain.name, 0, 0);
        ctx.restore();
      }
    }
  });

  return {
    show: () => layer.addTo(map),
    remove: () => layer.remove(),
    setStreets(edges) {
      chains = chainsOf(edges);
      layer.redraw();
    },
    setQuarters(next) {
      quarters = quarterNames(next);
      layer.redraw();
    },
    redraw: () => layer.redraw(),
  };
}
