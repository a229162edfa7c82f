/// Markers of one kind: cases, volunteers or relays. Crowded ones are grouped with their number; the selected one stands
/// alone, above all, with a halo. The list beside the map is their twin for the keyboard.
import * as L from 'leaflet';

import type { Position } from '../../api/types';
import { cluster, spread } from '../cluster';
import { fromWorld, toLatLng, toWorld } from '../convert';
import { symbol, type SymbolName } from '../../ui/symbols';

export interface MapPoint {
  readonly id: number;
  readonly position: Position;
  readonly symbol: SymbolName;
  readonly tip: string;
}

export interface PointsLayer {
  show(): void;
  remove(): void;
  set(points: readonly MapPoint[]): void;
  /// Shown alone with a halo, even while the layer is off.
  select(id: number | null): void;
  /// A lighter halo, while the list's row is under the pointer.
  hover(id: number | null): void;
  /// Also shown alone, such as the volunteers of a match.
  single(ids: readonly number[]): void;
}

export interface PointsOptions {
  readonly pane: string;
  readonly shape: 'case' | 'volunteer' | 'relay';
  readonly clustered: boolean;
  readonly groupTip: (count: number) => string;
  readonly onOpen: (id: number) => void;
  readonly onHover: (id: number | null) => void;
}

const CELL = 46;
const SIZE = 26;

function element(className: string, child: Node): HTMLElement {
  const span = document.createElement('span');
  span.className = className;
  span.append(child);
  return span;
}

export function createPoints(map: L.Map, options: PointsOptions): PointsLayer {
  const group = L.layerGroup();
  const special = L.layerGroup().addTo(map);
  const markers = new Map<number, L.Marker>();
  let points: readonly MapPoint[] = [];
  let shown = false;
  let selected: number | null = null;
  let hovered: number | null = null;
  let singles: ReadonlySet<number> = new Set();

  function icon(point: MapPoint, halo: boolean): L.DivIcon {
    return L.divIcon({
      className: `marker marker-${options.shape}${halo ? ' marker-selected' : ''}`,
      html: element('marker-inner', symbol(point.symbol)),
      iconSize: [SIZE, SIZE],
      iconAnchor: [SIZE / 2, SIZE / 2],
    });
  }

  function marker(point: MapPoint, at: L.LatLngExpression, pane: string, halo: boolean): L.Marker {
    const made = L.marker(at, { icon: icon(point, halo), pane, keyboard: false, riseOnHover: true });
    const text = document.createElement('span');
    text.textContent = point.tip;
    made.bindTooltip(text, { pane: 'tips', className: 'tip', direction: 'top', offset: [0, -14] });
    made.on('click', () => options.onOpen(point.id));
    made.on('mouseover', () => options.onHover(point.id));
    made.on('mouseout', () => options.onHover(null));
    markers.set(point.id, made);
    return made;
  }

  function groupMarker(x: number, y: number, items: readonly MapPoint[]): L.Marker {
    const busiest = items.some((item) => item.symbol === 'case-danger')
      ? 'danger'
      : items.some((item) => item.symbol === 'case-waiting')
        ? 'waiting'
        : 'calm';
    const made = L.marker(fromWorld(x, y), {
      pane: options.pane,
      keyboard: false,
      icon: L.divIcon({
        className: `cluster cluster-${options.shape} cluster-${busiest}`,
        html: element('cluster-inner', document.createTextNode(String(items.length))),
        iconSize: [34, 34],
        iconAnchor: [17, 17],
      }),
    });
    const text = document.createElement('span');
    text.textContent = options.groupTip(items.length);
    made.bindTooltip(text, { pane: 'tips', className: 'tip', direction: 'top', offset: [0, -16] });
    made.on('click', () => {
      map.fitBounds(L.latLngBounds(items.map((item) => toLatLng(item.position))), {
        padding: [80, 80],
        maxZoom: Math.min(map.getMaxZoom(), map.getZoom() + 3),
      });
    });
    return made;
  }

  function build(): void {
    group.clearLayers();
    special.clearLayers();
    markers.clear();
    const alone = (id: number): boolean => id === selected || singles.has(id);
    for (const point of points) {
      if (!alone(point.id)) continue;
      special.addLayer(marker(point, toLatLng(point.position), 'selected', point.id === selected));
    }
    if (!shown) return;
    const zoom = map.getZoom();
    const visible = map.getBounds().pad(0.3);
    const spots = points
      .filter((point) => !alone(point.id) && visible.contains(toLatLng(point.position)))
      .map((point) => {
        const [x, y] = toWorld(point.position);
        return { x, y, item: point };
      });
    const last = zoom >= map.getMaxZoom() - 0.5;
    const cell = !options.clustered || zoom >= 17.5 ? 6 : CELL;
    for (const spot of cluster(spots, zoom, cell, last || cell === 6 ? 2 : 3)) {
      if (spot.items.length === 1 || last || !options.clustered) {
        const offsets = spot.items.length === 1 ? [{ dx: 0, dy: 0 }] : spread(spot.items.length, 15);
        spot.items.forEach((item, i) => {
          const { dx, dy } = offsets[i] as { dx: number; dy: number };
          group.addLayer(marker(item, fromWorld(spot.x + dx / 2 ** zoom, spot.y + dy / 2 ** zoom), options.pane, false));
        });
      } else group.addLayer(groupMarker(spot.x, spot.y, spot.items));
    }
    applyHover();
  }

  function applyHover(): void {
    for (const [id, made] of markers) made.getElement()?.classList.toggle('marker-hover', id === hovered);
  }

  map.on('zoomend moveend', () => {
    if (shown) build();
  });

  return {
    show() {
      shown = true;
      group.addTo(map);
      build();
    },
    remove() {
      shown = false;
      group.remove();
      build();
    },
    set(next) {
      points = next;
      build();
    },
    select(id) {
      if (id === selected) return;
      selected = id;
      build();
    },
    hover(id) {
      hovered = id;
      applyHover();
    },
    single(ids) {
      singles = new Set(ids);
      build();
    },
  };
}
