/// The quarters: what lies outside is softened, their borders are drawn, their names stand above all streets.
import type * as L from 'leaflet';

import type { Quarter } from '../../api/types';
import { CanvasLayer } from '../canvas';
import { mapColours } from '../colours';
import { toWorld } from '../convert';
import { places, placeQuarters, type QuarterName, quarterNames, ringsOf } from './labels';

export interface QuartersLayer {
  show(): void;
  remove(): void;
  set(quarters: readonly Quarter[]): void;
  redraw(): void;
}

export function createQuarters(map: L.Map): QuartersLayer {
  let rings: (readonly (readonly [number, number])[])[] = [];
  let names: QuarterName[] = [];
  const layer = new CanvasLayer('quarters', (ctx, view) => {
    if (rings.length === 0) return;
    const colours = mapColours();
    const path = new Path2D();
    for (const ring of rings) {
      ring.forEach(([x, y], i) => {
        const px = x * view.scale - view.left;
        const py = y * view.scale - view.top;
        if (i === 0) path.moveTo(px, py);
        else path.lineTo(px, py);
      });
      path.closePath();
    }
    ctx.lineJoin = 'round';
    // The mask: everything, then the quarters cut out of it with a soft edge.
    ctx.fillStyle = colours.mask;
    ctx.fillRect(0, 0, view.width, view.height);
    ctx.globalCompositeOperation = 'destination-out';
    ctx.fillStyle = '#000';
    ctx.fill(path);
    ctx.strokeStyle = 'rgba(0, 0, 0, 0.12)';
    for (const width of [28, 22, 16, 10, 5]) {
      ctx.lineWidth = width;
      ctx.stroke(path);
    }
    ctx.globalCompositeOperation = 'source-over';
    ctx.strokeStyle = colours.quarter;
    ctx.lineWidth = 1.6;
    ctx.setLineDash([2, 5]);
    ctx.lineCap = 'round';
    ctx.stroke(path);
    ctx.setLineDash([]);
    for (const { name, x, y } of placeQuarters(ctx, view, names, places())) {
      ctx.strokeStyle = colours.halo;
      ctx.lineWidth = 5;
      ctx.strokeText(name, x, y);
      ctx.fillStyle = colours.quarter;
      ctx.fillText(name, x, y);
    }
  });
  return {
    show: () => layer.addTo(map),
    remove: () => layer.remove(),
    set(quarters) {
      rings = quarters.flatMap((quarter) => ringsOf(quarter).map((ring) => ring.map(toWorld)));
      names = quarterNames(quarters);
      layer.redraw();
    },
    redraw: () => layer.redraw(),
  };
}
