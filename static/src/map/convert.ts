/// The one place where [lon, lat] becomes Leaflet's [lat, lon], and degrees become pixels of the map's own plane.
import * as L from 'leaflet';

import type { Extent, Position } from '../api/types';

export function toLatLng(position: Position): L.LatLngTuple {
  return [position[1], position[0]];
}

export function toLatLngs(positions: readonly Position[]): L.LatLngTuple[] {
  return positions.map(toLatLng);
}

export function toBounds(extent: Extent): L.LatLngBounds {
  const [west, south, east, north] = extent;
  return L.latLngBounds([south, west], [north, east]);
}

/// Web-Mercator pixels at zoom 0 (the whole world is 256 wide); times 2^zoom they are Leaflet's pixels.
export function toWorld(position: Position): readonly [x: number, y: number] {
  const point = L.CRS.EPSG3857.latLngToPoint(L.latLng(position[1], position[0]), 0);
  return [point.x, point.y];
}

export function fromWorld(x: number, y: number): L.LatLng {
  return L.CRS.EPSG3857.pointToLatLng(L.point(x, y), 0);
}

export function extentOf(positions: Iterable<Position>): Extent | null {
  let west = Infinity;
  let south = Infinity;
  let east = -Infinity;
  let north = -Infinity;
  for (const [lon, lat] of positions) {
    west = Math.min(west, lon);
    south = Math.min(south, lat);
    east = Math.max(east, lon);
    north = Math.max(north, lat);
  }
  return west <= east ? [west, south, east, north] : null;
}
