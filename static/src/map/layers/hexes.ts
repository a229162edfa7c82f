/// Hexagons of the gap: the more of their streets is uncovered, the fuller.
import * as L from 'leaflet';

import type { Hex } from '../../api/types';
import { mapColours } from '../colours';
import { toLatLngs } from '../convert';

export interface HexesLayer {
  show(): void;
  remove(): void;
  set(hexes: readonly Hex[]): void;
  redraw(): void;
}

export function createHexes(map: L.Map, tip: (hex: Hex) => string): HexesLayer {
  const group = L.layerGroup();
  let held: readonly Hex[] = [];
  const build = (): void => {
    group.clearLayers();
    const { hex: colour } = mapColours();
    for (const hex of held) {
      const share = hex.properties.uncovered_share;
      const polygon = L.polygon(hex.geometry.coordinates.map(toLatLngs), {
        pane: 'hexes',
        color: colour,
        weight: 1,
        opacity: 0.35,
        fillColor: colour,
        fillOpacity: share * 0.42,
      });
      const text = document.createElement('span');
      text.textContent = tip(hex);
      polygon.bindTooltip(text, { sticky: true, pane: 'tips', className: 'tip' });
      group.addLayer(polygon);
    }
  };
  return {
    show: () => group.addTo(map),
    remove: () => group.remove(),
    set(hexes) {
      held = hexes;
      build();
    },
    redraw: build,
  };
}
