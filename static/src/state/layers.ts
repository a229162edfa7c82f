/// Which layers the map shows: each mode begins with its own, and keeps what the user chose there.
import type { Mode } from './route';

export const POINT_LAYERS = ['quarters', 'cases', 'volunteers', 'relays', 'links', 'hexes', 'case_hexes'] as const;
export type PointLayer = (typeof POINT_LAYERS)[number];

export interface Layers extends Readonly<Record<PointLayer, boolean>> {
  readonly streets: 'plain' | 'volunteer' | 'relay';
}

const PLAIN: Layers = {
  streets: 'plain',
  quarters: true,
  cases: false,
  volunteers: false,
  relays: false,
  links: false,
  hexes: false,
  case_hexes: false,
};
const OWN: Readonly<Partial<Record<Mode, Layers>>> = {
  home: { ...PLAIN, relays: true },
  reports: { ...PLAIN, cases: true },
  people: { ...PLAIN, cases: true },
  coordination: { ...PLAIN, cases: true, volunteers: true },
  coverage: { ...PLAIN, streets: 'volunteer', volunteers: true },
  relays: { ...PLAIN, relays: true },
  batch: { ...PLAIN, cases: true, volunteers: true },
};

/// The layers that a mode begins with; one that says nothing gets the quarters alone.
export function defaultLayers(mode: Mode): Layers {
  return OWN[mode] ?? PLAIN;
}
