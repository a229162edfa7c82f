/// What lies over what: the single z-order list, from the ground up.
import type * as L from 'leaflet';

export const PANES = [
  'ground',
  'hexes',
  'case-hexes',
  'streets',
  'labels',
  'quarters',
  'counts',
  'links',
  'ways',
  'relays',
  'volunteers',
  'cases',
  'selected',
  'tips',
] as const;

export type Pane = (typeof PANES)[number];

const LOWEST = 300;
/// Panes that the pointer passes through; their layers are hit-tested, or need no pointer.
const TRANSPARENT: ReadonlySet<Pane> = new Set(['ground', 'streets', 'quarters', 'labels', 'counts', 'links', 'ways', 'tips']);

export function createPanes(map: L.Map): void {
  PANES.forEach((name, index) => {
    const pane = map.createPane(name);
    pane.classList.add('pane', `pane-${name}`);
    pane.style.zIndex = String(LOWEST + index * 20);
    if (TRANSPARENT.has(name)) pane.style.pointerEvents = 'none';
  });
}
