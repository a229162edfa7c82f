/// Hexagons: of the gap – the more of their streets is uncovered, the fuller – and of the counts of cases, with the count
/// written in the middle.
import * as L from 'leaflet';

import type { Hex, PolygonGeometry } from '../../api/types';
import type { CountStep } from '../../ui/symbols';
import { mapColours } from '../colours';
import { toLatLngs } from '../convert';
import type { Pane } from '../panes';

export interface HexesLayer<F> {
  show(): void;
  remove(): void;
  set(hexes: readonly F[]): void;
  highlight(which: (hex: F) => boolean): void;
  redraw(): void;
}

/// One hexagon with what is counted in it, of one quarter or several.
export interface CountHex {
  readonly cells: readonly string[];
  readonly geometry: PolygonGeometry;
  readonly step: CountStep;
  /// Short enough to stand in the hexagon.
  readonly mark: string;
  readonly tip: string;
}

interface Look extends L.PathOptions {
  readonly weight: number;
  readonly tip: string;
  readonly mark?: string;
}

/// A hexagon less wide on the screen has no room for its mark: the rim says the same, roughly.
const MARK_FITS_PX = 56;
const MARK: L.PointTuple = [64, 36];

function createHexes<F extends { readonly geometry: PolygonGeometry }>(map: L.Map, pane: Pane, look: (hex: F) => Look): HexesLayer<F> {
  const group = L.layerGroup();
  const marks = L.layerGroup();
  let held: readonly F[] = [];
  let drawn: { readonly hex: F; readonly look: Look; readonly polygon: L.Polygon }[] = [];
  let raised: (hex: F) => boolean = () => false;

  const mark = (): void => {
    marks.clearLayers();
    for (const { look: { mark: text }, polygon } of drawn) {
      if (text === undefined) continue;
      const bounds = polygon.getBounds();
      const wide = map.project(bounds.getNorthEast()).x - map.project(bounds.getSouthWest()).x;
      if (wide < MARK_FITS_PX) continue;
      const said = document.createElement('span');
      said.textContent = text;
      said.setAttribute('aria-hidden', 'true');
      const icon = L.divIcon({ className: 'count-mark', html: said, iconSize: MARK });
      marks.addLayer(L.marker(bounds.getCenter(), { pane: 'counts', icon, interactive: false, keyboard: false }));
    }
  };
  const raise = (): void => {
    for (const { hex, look: { weight }, polygon } of drawn) polygon.setStyle({ weight: raised(hex) ? weight + 3 : weight });
  };
  const build = (): void => {
    group.clearLayers();
    drawn = held.map((hex) => {
      const { tip, ...style } = look(hex);
      const polygon = L.polygon(hex.geometry.coordinates.map(toLatLngs), { pane, ...style });
      const text = document.createElement('span');
      text.textContent = tip;
      polygon.bindTooltip(text, { sticky: true, pane: 'tips', className: 'tip' });
      group.addLayer(polygon);
      return { hex, look: { tip, ...style }, polygon };
    });
    group.addLayer(marks);
    mark();
    raise();
  };
  map.on('zoomend', mark);
  return {
    show: () => group.addTo(map),
    remove: () => group.remove(),
    set(hexes) {
      held = hexes;
      build();
    },
    highlight(which) {
      raised = which;
      raise();
    },
    redraw: build,
  };
}

export function gapHexes(map: L.Map, tip: (hex: Hex) => string): HexesLayer<Hex> {
  return createHexes(map, 'hexes', (hex) => {
    const { hex: colour } = mapColours();
    const fillOpacity = hex.properties.uncovered_share * 0.42;
    return { color: colour, weight: 1, opacity: 0.35, fillColor: colour, fillOpacity, tip: tip(hex) };
  });
}

export function countHexes(map: L.Map): HexesLayer<CountHex> {
  return createHexes(map, 'case-hexes', ({ step, mark, tip }) => {
    const { count: colour } = mapColours();
    return { color: colour, weight: 0.5 + 1.5 * step, fillColor: colour, fillOpacity: 0.08 * step, mark, tip };
  });
}
