/// The streets: our own base map, by width and tint, and the walking time to the nearest help when asked.
import type * as L from 'leaflet';

import type { Breakpoint } from '../../api/types';
import { CanvasLayer, type View } from '../canvas';
import { CLASS_LIMITS_MIN, mapColours } from '../colours';
import { cut } from '../cut';
import { type Edge, inView, trace, traceBetween } from '../geometry';

export interface StreetColouring {
  readonly by: 'volunteer' | 'relay';
  readonly thresholdS: number;
}

export interface StreetsLayer {
  show(): void;
  remove(): void;
  set(edges: readonly Edge[]): void;
  colour(colouring: StreetColouring | null): void;
  highlight(edges: readonly Edge[]): void;
  redraw(): void;
}

const WIDTHS = [9, 7.5, 6, 5.5, 3.4, 1.8];

function widthOf(rank: number, zoom: number): number {
  return Math.max(0.7, (WIDTHS[rank] as number) * 2 ** ((zoom - 17) * 0.7));
}

/// Class limits and threshold together, with what a level means for both.
function limitsFor(thresholdS: number): { limits: number[]; classOf: number[]; coveredUpTo: number } {
  const classes = CLASS_LIMITS_MIN.map((minutes) => minutes * 60);
  const limits = [...new Set([...classes, thresholdS])].sort((a, b) => a - b);
  const classOf = [...limits, Infinity].map((limit) => {
    const index = classes.findIndex((value) => limit <= value);
    return index === -1 ? classes.length : index;
  });
  return { limits, classOf, coveredUpTo: limits.indexOf(thresholdS) };
}

export function createStreets(map: L.Map): StreetsLayer {
  let edges: readonly Edge[] = [];
  let colouring: StreetColouring | null = null;
  let highlighted: readonly Edge[] = [];

  function drawBase(ctx: CanvasRenderingContext2D, view: View, visible: readonly Edge[], quiet: boolean): void {
    const colours = mapColours();
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    for (let rank = 5; rank >= 0; rank -= 1) {
      const path = new Path2D();
      for (const edge of visible) if (edge.rank === rank) trace(path, edge, view);
      const width = widthOf(rank, view.zoom);
      if (rank === 5) {
        if (view.zoom < 15) continue;
        ctx.setLineDash([width * 2.2, width * 1.6]);
        ctx.lineCap = 'butt';
        ctx.strokeStyle = colours.path;
        ctx.lineWidth = width;
        ctx.stroke(path);
        ctx.setLineDash([]);
        ctx.lineCap = 'round';
        continue;
      }
      ctx.strokeStyle = colours.casing;
      ctx.lineWidth = width + (view.zoom >= 15 ? 2 : 1);
      ctx.stroke(path);
    }
    for (let rank = 4; rank >= 0; rank -= 1) {
      const path = new Path2D();
      for (const edge of visible) if (edge.rank === rank) trace(path, edge, view);
      ctx.strokeStyle = rank <= 0 && !quiet ? colours.streetMain : colours.street;
      ctx.lineWidth = widthOf(rank, view.zoom);
      ctx.stroke(path);
    }
  }

  function drawReach(ctx: CanvasRenderingContext2D, view: View, visible: readonly Edge[], asked: StreetColouring): void {
    const colours = mapColours();
    const { limits, classOf, coveredUpTo } = limitsFor(asked.thresholdS);
    const covered = colours.ramp.map(() => new Path2D());
    const uncovered = colours.ramp.map(() => new Path2D());
    for (const edge of visible) {
      const profile: readonly Breakpoint[] = edge.street[asked.by];
      for (const piece of cut(profile, limits, edge.street.length_m)) {
        const step = classOf[piece.level] as number;
        const path = (piece.level <= coveredUpTo ? covered : uncovered)[step] as Path2D;
        traceBetween(path, edge, piece.from, piece.to, view);
      }
    }
    const width = Math.max(1.6, 3 * 2 ** ((view.zoom - 16) * 0.6));
    ctx.lineCap = 'round';
    ctx.lineWidth = width;
    covered.forEach((path, step) => {
      ctx.strokeStyle = colours.ramp[step] as string;
      ctx.stroke(path);
    });
    ctx.lineCap = 'butt';
    ctx.lineWidth = width * 1.7;
    ctx.setLineDash([width * 2.6, width * 1.1]);
    uncovered.forEach((path, step) => {
      ctx.strokeStyle = colours.ramp[step] as string;
      ctx.stroke(path);
    });
    ctx.setLineDash([]);
  }

  // Two canvases: while the slider is dragged, the ground stays and only the walking time is drawn again.
  const base = new CanvasLayer('streets', (ctx, view) => {
    if (highlighted.length > 0) {
      const path = new Path2D();
      for (const edge of highlighted) trace(path, edge, view);
      ctx.lineCap = 'round';
      ctx.lineJoin = 'round';
      ctx.strokeStyle = mapColours().highlight;
      ctx.lineWidth = Math.max(14, widthOf(0, view.zoom) + 12);
      ctx.stroke(path);
    }
    drawBase(ctx, view, edges.filter((edge) => inView(edge, view)), colouring !== null);
  });
  const reach = new CanvasLayer('streets', (ctx, view) => {
    if (colouring) drawReach(ctx, view, edges.filter((edge) => inView(edge, view)), colouring);
  });

  return {
    show() {
      base.addTo(map);
      reach.addTo(map);
    },
    remove() {
      base.remove();
      reach.remove();
    },
    set(next) {
      edges = next;
      highlighted = [];
      base.redraw();
      reach.redraw();
    },
    colour(next) {
      if ((next === null) !== (colouring === null)) base.redraw();
      colouring = next;
      reach.redraw();
    },
    highlight(next) {
      if (next.length === 0 && highlighted.length === 0) return;
      highlighted = next;
      base.redraw();
    },
    redraw() {
      base.redraw();
      reach.redraw();
    },
  };
}
