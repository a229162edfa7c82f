/// Which layers the map shows: each mode begins with its own, and keeps what the user chose there.
import type { Mode } from './route';

export const POINT_LAYERS = ['quarters', 'cases', 'volunteers', 'relays', 'links', 'hexes'] as const;
export type PointLayer = (typeof POINT_LAYERS)[number];

export interface Layers extends Readonly<Record<PointLayer, boolean>> {
  readonly streets: 'plain' | 'volunteer' | 'relay';
}

export const DEFAULT_LAYERS: Readonly<Record<Mode, Layers>> = {
  coordination: {
    streets: 'plain',
    quarters: true,
    cases: true,
    volunteers: true,
    relays: false,
    links: false,
    hexes: false,
  },
  coverage: {
    streets: 'volunteer',
    quarters: true,
    cases: false,
    volunteers: true,
    relays: false,
    links: false,
    hexes: false,
  },
  relays: {
    streets: 'plain',
    quarters: true,
    cases: false,
    volunteers: false,
    relays: true,
    links: false,
    hexes: false,
  },
};
