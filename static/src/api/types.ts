/// What the server answers under `/api/v1`. Lengths in metres (`_m`), times in seconds (`_s`), positions as [lon, lat].

export type Position = readonly [lon: number, lat: number];
export type Extent = readonly [west: number, south: number, east: number, north: number];

export interface PointGeometry {
  readonly type: 'Point';
  readonly coordinates: Position;
}
export interface LineGeometry {
  readonly type: 'LineString';
  readonly coordinates: readonly Position[];
}
export interface PolygonGeometry {
  readonly type: 'Polygon';
  readonly coordinates: readonly (readonly Position[])[];
}
export interface MultiPolygonGeometry {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly (readonly (readonly Position[])[])[];
}

export interface Feature<G, P, I = number> {
  readonly type: 'Feature';
  readonly id: I;
  readonly geometry: G;
  readonly properties: P;
}
export interface Collection<F> {
  readonly type: 'FeatureCollection';
  readonly features: readonly F[];
}

export interface StudyArea {
  readonly demonstration: boolean;
  readonly quarters_precision: 'indicative' | 'official';
  readonly revision: string;
  readonly network: {
    readonly id: string;
    readonly imported_at: string;
    readonly source: string;
    readonly edges: number;
    readonly nodes: number;
    readonly length_m: number;
  } | null;
  readonly extent: Extent | null;
  readonly defaults: {
    readonly volunteer_threshold_min: number;
    readonly relay_threshold_min: number;
    readonly hex_resolution: number;
    readonly matches: number;
    readonly snap_m: number;
    readonly capacity: number;
    readonly max_walk_min: number;
  };
  readonly profiles: readonly { readonly code: string; readonly speed_kmh: number }[];
  /// `null` for a role that may not know how many people there are.
  readonly counts: Readonly<Record<string, number>> | null;
}

export interface QuarterProps {
  readonly name: string;
  readonly precision: 'indicative' | 'official';
  readonly source: string;
  readonly licence: string;
  readonly drawn_on: string | null;
}
export type Quarter = Feature<PolygonGeometry | MultiPolygonGeometry, QuarterProps, string>;

/// Water, green and rails of the base map.
export type Ground = Feature<PolygonGeometry | LineGeometry, { readonly kind: 'water' | 'green' | 'rail' }>;

/// Walking time along an edge: offset from its first position, seconds; `null` = further than half an hour.
export type Breakpoint = readonly [offset_m: number, seconds: number | null];

export interface StreetProps {
  readonly name: string | null;
  readonly highway: string;
  readonly length_m: number;
  readonly quarter: string | null;
  readonly volunteer: readonly Breakpoint[];
  readonly relay: readonly Breakpoint[];
}
export type Street = Feature<LineGeometry, StreetProps>;

export interface HexProps {
  readonly total_m: number;
  readonly covered_m: number;
  readonly uncovered_m: number;
  readonly uncovered_share: number;
}
export type Hex = Feature<PolygonGeometry, HexProps, string>;

/// The open cases of one hexagon and quarter, as far as they are told: a cell that tells nothing is absent. A hexagon on a
/// border is one cell for each of its quarters.
export interface CaseHexProps {
  readonly quarter: string | null;
  readonly band: string;
  /// H3 resolution, one for the whole layer.
  readonly resolution: number;
}
export type CaseHex = Feature<PolygonGeometry, CaseHexProps, string>;

/// Where a place lies with regard to the quarters.
export interface Placed {
  readonly quarter: string | null;
  readonly sector: 'inside' | 'outside' | 'unlocated';
  readonly nearest_quarter: string | null;
  readonly nearest_quarter_m: number | null;
}

/// A relay. What only those who keep the list may see is absent for the others; the kind, unless it is one that is looked for as such.
export interface RelayProps extends Placed {
  readonly reference?: string;
  readonly name: string;
  readonly kind?: string;
  readonly address: string;
  readonly premises?: boolean;
  readonly sticker?: string;
  readonly sticker_on?: string | null;
  readonly bears_a_sticker?: boolean;
}
export type Relay = Feature<PointGeometry | null, RelayProps>;

export interface VolunteerProps extends Placed {
  readonly reference: string;
  readonly name: string;
  readonly active: boolean;
  readonly capacity: number;
  readonly load: number;
  readonly free: number;
  readonly max_walk_min: number;
  readonly profile: string;
  readonly languages: readonly string[];
  readonly snap: string;
}
export type Volunteer = Feature<PointGeometry | null, VolunteerProps>;

/// A case as far as the role may know it: what is not for it is absent.
export interface CaseProps extends Placed {
  readonly reference: string;
  readonly name: string;
  readonly state: string;
  readonly subject?: string;
  readonly address?: string;
  readonly phone?: string;
  readonly causes?: readonly string[];
  readonly duration?: string;
  readonly signs?: readonly string[];
  readonly danger?: boolean;
  readonly languages?: readonly string[];
  readonly channel?: string;
  readonly reported_on: string;
  readonly notes?: string;
  readonly volunteer_id?: number | null;
  readonly snap?: string;
  /// Only of a case that is proposed to the volunteer who looks: then nothing else but quarter and languages is told.
  readonly walking?: string;
}
export type Case = Feature<PointGeometry | null, CaseProps>;

export interface LinkProps {
  readonly case_id: number;
  readonly volunteer_id: number;
  readonly duration_s: number;
  readonly length_m: number;
  readonly state: string;
}
export type Link = Feature<LineGeometry, LinkProps>;

export interface Figures {
  readonly total_m: number;
  readonly covered_m: number;
  readonly uncovered_m: number;
  readonly uncovered_share: number;
  readonly addresses: number;
  readonly addresses_uncovered: number;
}
export interface QuarterFigures extends Figures {
  readonly id: string;
  readonly name: string;
}
export interface StreetFigures extends Figures {
  readonly name: string | null;
  readonly quarter: string | null;
  readonly extent: Extent;
}
export interface Coverage {
  readonly by: 'volunteer' | 'relay';
  readonly threshold_min: number;
  readonly profile: string;
  readonly total: Figures;
  readonly quarters: readonly QuarterFigures[];
  readonly streets: readonly StreetFigures[];
}

export interface Candidate {
  readonly volunteer_id: number;
  readonly name: string;
  readonly duration_s: number;
  readonly length_m: number;
  readonly free: number;
  readonly profile: string;
  /// Why in this order.
  readonly points: Points;
  /// `person` (accompanied before) or `building` (visits somebody there).
  readonly knows: string | null;
  /// People whom the volunteer has already.
  readonly load: number;
  readonly path: LineGeometry;
}
/// Points, term by term; one is a second of walking, the fewest come first.
export interface Points {
  readonly walk: number;
  readonly load: number;
  readonly continuity: number;
  readonly language: number;
  readonly rest: number;
  readonly total: number;
}
export interface LeftOut {
  readonly volunteer_id: number;
  readonly name: string;
  /// The first constraint that failed.
  readonly reason: string;
  /// What would stand in the way besides.
  readonly also: readonly string[];
  readonly duration_s: number | null;
  readonly limit_s: number | null;
  readonly away_until_on: string | null;
  /// With `language`: one of these is needed.
  readonly languages: readonly string[];
  /// With `need`: what the volunteer does not do.
  readonly needs: readonly string[];
}
export interface Match {
  readonly case_id: number;
  readonly k: number;
  readonly located: 'ok' | 'unlocated' | 'unsnappable';
  readonly danger: boolean;
  /// Closed cases match nobody.
  readonly open: boolean;
  /// Whether the person agreed: before it the case can be offered to nobody.
  readonly agreed: boolean;
  readonly snap_m: number | null;
  readonly matches: readonly Candidate[];
  readonly left_out: readonly LeftOut[];
}

export interface AddressHit {
  readonly id: string;
  readonly label: string;
  readonly lon: number;
  readonly lat: number;
}

/// What was told of somebody, whether new or known.
export interface Telling {
  readonly notes: string;
  readonly channel: string;
  /// With a danger nobody is proposed for the case until a person has cleared it.
  readonly signs: readonly string[];
  /// What was done at once about a danger; needed with one.
  readonly danger_action: string;
  readonly reporter_name: string;
  readonly reporter_phone: string;
  readonly reporter_relation: string;
  readonly mobility: string;
  readonly people: number | null;
}

/// What is known of who it is and where, as far as it is typed.
export interface SoFar {
  readonly address_id: string | null;
  readonly address: string;
  /// A point that was put on the map, which then holds.
  readonly position: Position | null;
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
}

export interface NewCase extends Telling, SoFar {
  readonly subject: string;
  readonly causes: readonly string[];
  readonly duration: string;
  readonly languages: readonly string[];
  /// Why it is taken although the person refused before.
  readonly override_reason: string | null;
}

/// Somebody who was reported before and looks like what was typed.
export interface FoundCase {
  readonly id: number;
  readonly reference?: string;
  readonly name?: string;
  readonly address?: string;
  readonly phone?: string;
  readonly state: string;
  readonly reported_on?: string;
  readonly why: readonly string[];
}

export interface Duplicates {
  readonly candidates: readonly FoundCase[];
  readonly place: Placed;
}

/// One report; what the role may not know is absent.
export interface Report {
  readonly id: number;
  readonly at: string;
  readonly channel?: string;
  readonly reporter?: { readonly name: string; readonly phone: string; readonly relation: string };
  readonly seen?: string;
  readonly signs?: readonly string[];
  readonly danger_action?: string;
}

export interface Reports {
  readonly reports: readonly Report[];
  readonly mobility?: string;
  readonly people?: number;
}

/// What of a case can be corrected.
export interface CaseDetails {
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
  readonly address: string;
  /// Whether it is known where this is.
  readonly located: boolean;
  readonly languages: readonly string[];
  readonly notes: string;
  /// Requests for a correction that wait, the oldest first.
  readonly requests: readonly { readonly id: number; readonly received_on: string; readonly due_on: string; readonly note: string }[];
}

/// A correction, whole: what is not to change is sent as it was.
export interface CaseCorrection {
  readonly address_id: string | null;
  readonly address: string;
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
  readonly languages: readonly string[];
  readonly notes: string;
  readonly request_id: number | null;
}

export type Role = 'accueil' | 'coordination' | 'pilotage' | 'diffusion' | 'bienveilleur' | 'dpo' | 'administration';

export interface Account {
  readonly id: number;
  readonly name: string;
  readonly login: string;
  readonly roles: readonly Role[];
  readonly volunteer_id: number | null;
  readonly second_factor: 'off' | 'on' | 'required';
}

export interface Session {
  readonly signed_in: boolean;
  readonly demonstration: boolean;
  readonly known_device: boolean;
  readonly account: Account | null;
  readonly idle_until_at: string | null;
  readonly ends_at: string | null;
  readonly break_glass_until_at: string | null;
}

/// Somebody as whom a coordinator may look.
export interface Viewer {
  readonly account_id: number;
  readonly name: string;
  readonly roles: readonly Role[];
}

/// RFC 9457, with a stable `code`.
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status: number;
  readonly detail?: string;
  readonly code?: string;
  readonly field?: string;
  readonly remedy?: string;
  readonly request_id?: string;
  /// Seconds to wait, from the header `Retry-After`.
  readonly retry_after_s?: number;
}
