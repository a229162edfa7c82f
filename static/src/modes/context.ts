/// What a mode works with. A mode is `enter(ctx) → leave()`.
import type { Data } from '../api/data';
import type { Role } from '../api/types';
import type { MapView, PointKind, StreetKey } from '../map';
import type { Cell, ReadCell } from '../state/cell';
import type { Layers } from '../state/layers';
import type { CoveredBy, Mode, Profile, Route } from '../state/route';
import type { IconName } from '../ui/icons';
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
  /// On a phone: the map comes to the front.
  showMap(): void;
}

export type Leave = () => void;
export type Enter = (ctx: Context) => Leave;

/// A mode as the rail knows it. Its word is the text `nav.<name>`.
export interface ModeEntry {
  readonly name: Mode;
  /// Whoever holds one of these roles sees it.
  readonly roles: readonly Role[];
  readonly icon: IconName;
  readonly enter: Enter;
  /// Where its link leads; without it, the mode's own address without anything more.
  readonly home?: Route;
  /// Whether it works beside the map; without it the panel takes the whole width.
  readonly map?: boolean;
  /// Reached from elsewhere: it has no link in the rail.
  readonly hidden?: true;
}
