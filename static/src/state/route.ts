/// Where the user is: one discriminated union, read from and written to the URL hash.
/// Nothing personal goes in there: numeric ids and settings only.

export type CaseFilter = 'waiting' | 'accompanied' | 'outside' | 'all';
export type CoveredBy = 'volunteer' | 'relay';
export type Profile = 'foot' | 'reduced_mobility';

/// The public page, or the first mode of who is signed in.
export interface HomeRoute {
  readonly mode: 'home';
}
export interface SignInRoute {
  readonly mode: 'sign_in';
}
export interface NoticeRoute {
  readonly mode: 'notice';
  readonly notice: NoticeName;
}
export interface ReportsRoute {
  readonly mode: 'reports';
  readonly view: 'list' | 'new' | 'case';
  readonly id: number | null;
}
export interface CoordinationRoute {
  readonly mode: 'coordination';
  /// `correct`: the form that corrects the case.
  readonly view: 'list' | 'new' | 'case' | 'correct';
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
/// The modes that need no more than the parts and settings of their address, such as `#/droits/12?ouvertes=oui`.
export const PLAIN_MODES = {
  account: 'mon-compte',
  audit: 'journal',
  rights: 'droits',
  retention: 'conservation',
  accounts: 'comptes',
  informing: 'information',
  register: 'registre',
  relay_report: 'signaler',
  receipt: 'recu',
  sticker: 'autocollant',
  batch: 'lot',
  people: 'mes-personnes',
  follow_up: 'suivi',
  sheet: 'fiche',
} as const;
export type PlainMode = keyof typeof PLAIN_MODES;
export interface PlainRoute {
  readonly mode: PlainMode;
  /// What follows the mode's own word: `['12']`.
  readonly parts: readonly string[];
  readonly params: Readonly<Record<string, string>>;
}
export type Route =
  | HomeRoute
  | SignInRoute
  | NoticeRoute
  | ReportsRoute
  | CoordinationRoute
  | CoverageRoute
  | RelaysRoute
  | PlainRoute;
export type Mode = Route['mode'];

export const NOTICES = {
  legal: 'mentions-legales',
  personal_data: 'donnees-personnelles',
  accessibility: 'accessibilite',
} as const;
export type NoticeName = keyof typeof NOTICES;

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

function decode<K extends string, D>(names: Readonly<Record<K, string>>, value: string | null | undefined, otherwise: D): K | D {
  for (const key of Object.keys(names) as K[]) if (names[key] === value) return key;
  return otherwise;
}

function id(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function code(text: string | null): string | null {
  return text !== null && /^[a-z_]{1,40}$/.test(text) ? text : null;
}

/// `…/nouveau`, `…/cas/12` or nothing.
function caseView(parts: readonly string[]): { view: 'list' | 'new'; id: null } | { view: 'case'; id: number } {
  if (parts[1] === 'nouveau') return { view: 'new', id: null };
  const found = parts[1] === 'cas' ? id(parts[2]) : null;
  return found === null ? { view: 'list', id: null } : { view: 'case', id: found };
}

/// The same, or `…/cas/12/corriger`.
function correctView(parts: readonly string[]): ReturnType<typeof caseView> | { view: 'correct'; id: number } {
  const view = caseView(parts);
  return view.view === 'case' && parts[3] === 'corriger' ? { view: 'correct', id: view.id } : view;
}

/// Reads a URL hash; anything not understood leads home.
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  const params = new URLSearchParams(query);
  const plain = decode<PlainMode, null>(PLAIN_MODES, parts[0], null);
  if (plain !== null) return { mode: plain, parts: parts.slice(1), params: Object.fromEntries(params) };
  switch (parts[0]) {
    case 'connexion':
      return { mode: 'sign_in' };
    case 'informations': {
      const notice = decode<NoticeName, null>(NOTICES, parts[1], null);
      return notice === null ? { mode: 'home' } : { mode: 'notice', notice };
    }
    case 'signalements':
      return { mode: 'reports', ...caseView(parts) };
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
    case 'coordination':
      return { mode: 'coordination', filter: decode(FILTERS, params.get('voir'), 'waiting'), ...correctView(parts) };
    default:
      return { mode: 'home' };
  }
}

function withView(base: string, view: CoordinationRoute['view'], caseId: number | null): string {
  if (view === 'new') return `${base}/nouveau`;
  if (view === 'list' || caseId === null) return base;
  return `${base}/cas/${caseId}${view === 'correct' ? '/corriger' : ''}`;
}

/// Writes a route as a URL hash; defaults are left out.
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  let path: string;
  switch (route.mode) {
    case 'home':
      path = '/';
      break;
    case 'sign_in':
      path = '/connexion';
      break;
    case 'notice':
      path = `/informations/${NOTICES[route.notice]}`;
      break;
    case 'reports':
      path = withView('/signalements', route.view, route.id);
      break;
    case 'coordination':
      path = withView('/coordination', route.view, route.id);
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
    default:
      path = ['', PLAIN_MODES[route.mode], ...route.parts].join('/');
      for (const [name, value] of Object.entries(route.params)) params.set(name, value);
  }
  const query = params.toString();
  return `#${path}${query === '' ? '' : `?${query}`}`;
}
