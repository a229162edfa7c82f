/// The point that somebody puts on the map to say where it is: by a click, or from outside, with the keyboard. While it is
/// being put, a click anywhere sets it, and nothing else opens.
import * as L from 'leaflet';

import type { Position } from '../../api/types';
import { symbol } from '../../ui/symbols';
import { toLatLng } from '../convert';

export interface PinLayer {
  /// `null` takes it away.
  set(position: Position | null): void;
  /// What a click does from now on; `null` ends the putting.
  listen(onPlace: ((position: Position) => void) | null): void;
  readonly listening: () => boolean;
}

export function createPin(map: L.Map): PinLayer {
  let marker: L.Marker | null = null;
  let place: ((position: Position) => void) | null = null;
  const at = (latlng: L.LatLng): Position => [latlng.lng, latlng.lat];

  map.on('click', (event) => place?.(at(event.latlng)));

  return {
    set(position) {
      marker?.remove();
      marker = null;
      if (position === null) return;
      const shape = document.createElement('span');
      shape.className = 'marker-shape';
      shape.append(symbol('case-waiting'));
      marker = L.marker(toLatLng(position), {
        pane: 'selected',
        icon: L.divIcon({ className: 'marker marker-pin', html: shape, iconSize: [34, 34] }),
        keyboard: false,
        draggable: true,
      }).addTo(map);
      marker.on('dragend', () => {
        if (marker) place?.(at(marker.getLatLng()));
      });
    },
    listen(onPlace) {
      place = onPlace;
      map.getContainer().classList.toggle('map-placing', onPlace !== null);
    },
    listening: () => place !== null,
  };
}
