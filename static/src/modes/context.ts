/// What a mode works with. A mode is `enter(ctx) → leave()`.
import type { Data } from '../api/data';
import type { MapView, PointKind, StreetKey } from '../map';
import type { Cell, ReadCell } from '../state/cell';
import type { Layers } from '../state/layers';
import type { CoveredBy, Profile, Route } from '../state/route';
import type { Panel } from '../ui/panel';

/// The question that the coverage answers.
export interface Reach {
  readonly by: CoveredBy;
  readonly thresholdMin: number;
  readonly profile: Profile;
}

export interface Context {
  readonly data: Data;
  readonly map: MapView;
  readonly panel: Panel;
  readonly route: ReadCell<Route>;
  readonly layers: Cell<Layers>;
  readonly reach: Cell<Reach>;
  /// The marker under the pointer.
  readonly pointUnder: ReadCell<{ readonly kind: PointKind; readonly id: number } | null>;
  readonly streetUnder: ReadCell<StreetKey | null>;
  /// The street last clicked on the map; a new object at each click.
  readonly streetOpened: ReadCell<StreetKey | null>;
  go(route: Route, how?: 'push' | 'replace'): void;
}

export type Leave = () => void;
export type Enter = (ctx: Context) => Leave;
