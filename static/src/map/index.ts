/// The map: Leaflet and our own layers behind plain functions. Nothing outside of this folder knows Leaflet.
import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';

import type { Case, Extent, Ground, Hex, Link, Position, Quarter, Relay, Street, Volunteer } from '../api/types';
import type { Layers } from '../state/layers';
import { onColoursChange } from './colours';
import { extentOf, toBounds, toLatLng, toWorld } from './convert';
import { secondsAt } from './cut';
import { type Edge, nearest, prepare } from './geometry';
import { createGround } from './layers/ground';
import { type CountHex, countHexes, gapHexes } from './layers/hexes';
import { createLabels, ringsOf } from './layers/labels';
import { createLinks, createWays, type Way } from './layers/lines';
import { createPin } from './layers/pin';
import { createPoints, type MapPoint, type PointsLayer } from './layers/points';
import { createQuarters } from './layers/quarters';
import { createStreets, type StreetColouring } from './layers/streets';
import { createPanes } from './panes';

export type { CountHex } from './layers/hexes';
export type { Way } from './layers/lines';
export type { MapPoint } from './layers/points';

export type PointKind = 'case' | 'volunteer' | 'relay';

export interface StreetKey {
  readonly name: string | null;
  readonly quarter: string | null;
}

export interface MapTexts {
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly label: string;
  readonly group: (count: number) => string;
  readonly hex: (hex: Hex) => string;
  /// What a street says under the pointer; `seconds` is `undefined` while the streets are plain.
  readonly street: (street: StreetKey, seconds: number | null | undefined) => string;
}

export interface MapEvents {
  readonly onOpen: (kind: PointKind, id: number) => void;
  readonly onHover: (kind: PointKind, id: number | null) => void;
  readonly onStreetHover: (street: StreetKey | null) => void;
  readonly onStreetOpen: (street: StreetKey) => void;
}

export interface MapView {
  setQuarters(quarters: readonly Quarter[]): void;
  setGround(grounds: readonly Ground[]): void;
  setStreets(streets: readonly Street[]): void;
  setHexes(hexes: readonly Hex[]): void;
  setCaseHexes(hexes: readonly CountHex[]): void;
  setLinks(links: readonly Link[]): void;
  setPoints(kind: PointKind, points: readonly MapPoint[]): void;
  showLayers(layers: Layers): void;
  colourStreets(colouring: StreetColouring | null): void;
  highlightStreet(street: StreetKey | null): void;
  highlightCaseHex(cell: string | null): void;
  select(kind: PointKind, id: number | null): void;
  hover(kind: PointKind, id: number | null): void;
  showAlone(kind: PointKind, ids: readonly number[]): void;
  showWays(ways: readonly Way[], front: number | null): void;
  fitAll(): void;
  fit(extent: Extent): void;
  fitTo(positions: readonly Position[]): void;
  goTo(position: Position): void;
  resized(): void;
  zoomBy(steps: number): void;
  /// Shows the point that is being put on the map, and says what a click sets; `null` and `null` end it.
  place(position: Position | null, onPlace: ((position: Position) => void) | null): void;
  /// Moves to a point only when it is out of sight.
  reveal(position: Position): void;
  centre(): Position;
}

/// Le Havre, until the quarters are known.
const START: Position = [0.1345, 49.4963];
const MAX_ZOOM = 19;

export function pointsOf<F extends Case | Volunteer | Relay>(
  features: readonly F[],
  tone: (one: F) => MapPoint['symbol'],
  tip: (one: F) => string,
): MapPoint[] {
  return features.flatMap((feature) =>
    feature.geometry === null
      ? []
      : [{ id: feature.id, position: feature.geometry.coordinates, symbol: tone(feature), tip: tip(feature) }],
  );
}

export function createMap(container: HTMLElement, texts: MapTexts, events: MapEvents): MapView {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = L.map(container, {
    zoomControl: false,
    attributionControl: false,
    maxZoom: MAX_ZOOM,
    minZoom: 11,
    zoomSnap: 0.5,
    zoomDelta: 1,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
  }).setView(toLatLng(START), 15);
  createPanes(map);
  container.setAttribute('role', 'group');
  container.setAttribute('aria-label', texts.label);
  L.control.zoom({ position: 'bottomright', zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
  L.control.scale({ position: 'bottomleft', imperial: false, maxWidth: 140 }).addTo(map);

  let edges: readonly Edge[] = [];
  let colouring: StreetColouring | null = null;
  let everything: Extent | null = null;
  let fitted = false;

  const ground = createGround(map);
  const streets = createStreets(map);
  const quarters = createQuarters(map);
  const labels = createLabels(map);
  const links = createLinks(map);
  const ways = createWays(map);
  const hexes = gapHexes(map, texts.hex);
  const caseHexes = countHexes(map);
  const pin = createPin(map);
  const points: Record<PointKind, PointsLayer> = {
    case: point('case', 'cases'),
    volunteer: point('volunteer', 'volunteers'),
    relay: point('relay', 'relays'),
  };
  ground.show();
  streets.show();
  labels.show();
  ways.show();

  function point(kind: PointKind, pane: string): PointsLayer {
    return createPoints(map, {
      pane,
      shape: kind,
      clustered: kind !== 'volunteer',
      groupTip: texts.group,
      onOpen: (id) => {
        if (!pin.listening()) events.onOpen(kind, id);
      },
      onHover: (id) => events.onHover(kind, id),
    });
  }

  // Streets are drawn, not elements: what lies under the pointer is looked up here.
  const tip = L.tooltip({ pane: 'tips', className: 'tip tip-street', direction: 'top', offset: [0, -8] });
  const tipText = document.createElement('span');
  tip.setContent(tipText);
  let frame = 0;
  let under: StreetKey | null = null;

  function streetAt(latlng: L.LatLng): ReturnType<typeof nearest> {
    const [x, y] = toWorld([latlng.lng, latlng.lat]);
    return nearest(edges, x, y, 9 / 2 ** map.getZoom());
  }

  function leaveStreet(): void {
    if (under === null) return;
    under = null;
    tip.remove();
    events.onStreetHover(null);
  }

  map.on('mousemove', (event) => {
    cancelAnimationFrame(frame);
    const target = event.originalEvent.target as Element | null;
    frame = requestAnimationFrame(() => {
      if (map.getZoom() < 14 || target?.closest('.leaflet-marker-icon')) {
        leaveStreet();
        return;
      }
      const hit = streetAt(event.latlng);
      if (!hit) {
        leaveStreet();
        return;
      }
      const { name, quarter } = hit.edge.street;
      const seconds = colouring ? secondsAt(hit.edge.street[colouring.by], hit.offsetM) : undefined;
      tipText.textContent = texts.street({ name, quarter }, seconds);
      if (tipText.textContent === '') tip.remove();
      else tip.setLatLng(event.latlng).addTo(map);
      if (under === null || under.name !== name || under.quarter !== quarter) {
        under = { name, quarter };
        events.onStreetHover(under);
      }
    });
  });
  map.on('mouseout movestart zoomstart', () => {
    cancelAnimationFrame(frame);
    leaveStreet();
  });
  map.on('click', (event) => {
    if (pin.listening()) return;
    const hit = streetAt(event.latlng);
    if (hit) events.onStreetOpen({ name: hit.edge.street.name, quarter: hit.edge.street.quarter });
  });

  onColoursChange(() => {
    for (const layer of [ground, streets, quarters, labels, links, ways, hexes, caseHexes]) layer.redraw();
  });

  // Leaflet drops a move asked for during a zoom: the last one is kept for its end.
  let zooming = false;
  let waiting: (() => void) | null = null;
  map.on('zoomanim', () => {
    zooming = true;
  });
  map.on('zoomend', () => {
    zooming = false;
    const next = waiting;
    waiting = null;
    if (next) setTimeout(next, 0);
  });
  const move = (act: () => void): void => {
    if (zooming) waiting = act;
    else act();
  };

  const padding: L.PointTuple = [56, 56];
  const view: MapView = {
    setQuarters(next) {
      quarters.set(next);
      labels.setQuarters(next);
      everything = extentOf(next.flatMap((quarter) => ringsOf(quarter).flat()));
      if (!fitted) view.fitAll();
    },
    setGround: (next) => ground.set(next),
    setStreets(next) {
      edges = next.map(prepare);
      streets.set(edges);
      labels.setStreets(edges);
    },
    setHexes: (next) => hexes.set(next),
    setCaseHexes: (next) => caseHexes.set(next),
    setLinks: (next) => links.set(next),
    setPoints: (kind, next) => points[kind].set(next),
    showLayers(layers) {
      const toggle = (on: boolean, layer: { show(): void; remove(): void }): void => (on ? layer.show() : layer.remove());
      toggle(layers.quarters, quarters);
      toggle(layers.hexes, hexes);
      toggle(layers.case_hexes, caseHexes);
      toggle(layers.links, links);
      toggle(layers.cases, points.case);
      toggle(layers.volunteers, points.volunteer);
      toggle(layers.relays, points.relay);
    },
    colourStreets(next) {
      if (next?.by === colouring?.by && next?.thresholdS === colouring?.thresholdS) return;
      colouring = next;
      streets.colour(next);
    },
    highlightStreet(street) {
      streets.highlight(
        street === null
          ? []
          : edges.filter((edge) => edge.street.name === street.name && edge.street.quarter === street.quarter),
      );
    },
    highlightCaseHex: (cell) => caseHexes.highlight((hex) => cell !== null && hex.cells.includes(cell)),
    select: (kind, id) => points[kind].select(id),
    hover: (kind, id) => points[kind].hover(id),
    showAlone: (kind, ids) => points[kind].single(ids),
    showWays: (next, front) => ways.set(next, front),
    fitAll() {
      if (!everything) return;
      const size = map.getSize();
      if (size.x === 0 || size.y === 0) return;
      const all = everything;
      move(() => map.fitBounds(toBounds(all), { padding: [12, 12], animate: false }));
      fitted = true;
    },
    fit(extent) {
      move(() => map.fitBounds(toBounds(extent), { padding, maxZoom: 17.5, animate: !still }));
    },
    fitTo(positions) {
      const extent = extentOf(positions);
      if (extent) view.fit(extent);
    },
    goTo(position) {
      move(() => map.setView(toLatLng(position), Math.max(map.getZoom(), 16.5), { animate: !still }));
    },
    resized() {
      map.invalidateSize({ animate: false });
      if (!fitted) view.fitAll();
    },
    place(position, onPlace) {
      pin.set(position);
      pin.listen(onPlace);
    },
    reveal(position) {
      if (!map.getBounds().pad(-0.1).contains(toLatLng(position))) view.goTo(position);
    },
    centre() {
      const { lng, lat } = map.getCenter();
      return [lng, lat];
    },
    zoomBy: (steps) => map.setZoom(map.getZoom() + steps),
  };
  return view;
}
