/// Where the user is: one discriminated union, read from and written to the URL hash.
/// Nothing personal goes in there: numeric ids and settings only.

export type CaseFilter = 'waiting' | 'accompanied' | 'outside' | 'all';
export type CoveredBy = 'volunteer' | 'relay';
export type Profile = 'foot' | 'reduced_mobility';

export interface CoordinationRoute {
  readonly mode: 'coordination';
  readonly view: 'list' | 'new' | 'case';
  readonly id: number | null;
  readonly filter: CaseFilter;
}
export interface CoverageRoute {
  readonly mode: 'coverage';
  readonly by: CoveredBy;
  /// `null`: the default of the study area.
  readonly thresholdMin: number | null;
  readonly profile: Profile;
}
export interface RelaysRoute {
  readonly mode: 'relays';
  readonly id: number | null;
  readonly kind: string | null;
  readonly sticker: string | null;
}
export type Route = CoordinationRoute | CoverageRoute | RelaysRoute;
export type Mode = Route['mode'];

export const MIN_THRESHOLD = 1;
export const MAX_THRESHOLD = 30;

const FILTERS: Readonly<Record<CaseFilter, string>> = {
  waiting: 'a-attribuer',
  accompanied: 'accompagnees',
  outside: 'hors-secteur',
  all: 'toutes',
};
const BY: Readonly<Record<CoveredBy, string>> = { volunteer: 'benevoles', relay: 'relais' };
const PROFILES: Readonly<Record<Profile, string>> = { foot: 'a-pied', reduced_mobility: 'mobilite-reduite' };

function decode<K extends string>(names: Readonly<Record<K, string>>, value: string | null, otherwise: K): K {
  for (const key of Object.keys(names) as K[]) if (names[key] === value) return key;
  return otherwise;
}

function id(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function code(text: string | null): string | null {
  return text !== null && /^[a-z_]{1,40}$/.test(text) ? text : null;
}

/// Reads a URL hash; anything not understood leads to the list of cases.
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  const params = new URLSearchParams(query);
  switch (parts[0]) {
    case 'couverture': {
      const raw = params.get('seuil');
      const minutes = raw !== null && /^\d{1,2}$/.test(raw) ? Number(raw) : null;
      return {
        mode: 'coverage',
        by: decode(BY, params.get('par'), 'volunteer'),
        thresholdMin: minutes === null ? null : Math.min(MAX_THRESHOLD, Math.max(MIN_THRESHOLD, minutes)),
        profile: decode(PROFILES, params.get('allure'), 'foot'),
      };
    }
    case 'relais':
      return { mode: 'relays', id: id(parts[1]), kind: code(params.get('role')), sticker: code(params.get('autocollant')) };
    default: {
      const filter = decode(FILTERS, params.get('voir'), 'waiting');
      const base = { mode: 'coordination', filter } as const;
      if (parts[0] === 'coordination' && parts[1] === 'nouveau') return { ...base, view: 'new', id: null };
      const caseId = parts[0] === 'coordination' && parts[1] === 'cas' ? id(parts[2]) : null;
      return caseId === null ? { ...base, view: 'list', id: null } : { ...base, view: 'case', id: caseId };
    }
  }
}

/// Writes a route as a URL hash; defaults are left out.
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  let path: string;
  switch (route.mode) {
    case 'coordination':
      path = '/coordination';
      if (route.view === 'new') path += '/nouveau';
      if (route.view === 'case' && route.id !== null) path += `/cas/${route.id}`;
      if (route.filter !== 'waiting') params.set('voir', FILTERS[route.filter]);
      break;
    case 'coverage':
      path = '/couverture';
      if (route.by !== 'volunteer') params.set('par', BY[route.by]);
      if (route.thresholdMin !== null) params.set('seuil', String(route.thresholdMin));
      if (route.profile !== 'foot') params.set('allure', PROFILES[route.profile]);
      break;
    case 'relays':
      path = route.id === null ? '/relais' : `/relais/${route.id}`;
      if (route.kind !== null) params.set('role', route.kind);
      if (route.sticker !== null) params.set('autocollant', route.sticker);
      break;
  }
  const query = params.toString();
  return `#${path}${query === '' ? '' : `?${query}`}`;
}
