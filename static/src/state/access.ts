/// What each role may ask of the server, and which screen answers an address. The server decides; the page only refrains
/// from asking for what it would be refused.
import type { Role, Session } from '../api/types';
import type { PointLayer } from './layers';
import type { Mode, Route } from './route';

export type LayerName = 'quarters' | 'ground' | 'streets' | 'cases' | 'volunteers' | 'relays' | 'links' | 'hexes' | 'case_hexes';

export interface Access {
  /// `/study-area` and, with it, word of changes.
  readonly area: boolean;
  readonly layers: ReadonlySet<LayerName>;
}

const EVERYBODY: readonly LayerName[] = ['quarters', 'ground', 'streets', 'relays'];
const MORE: Readonly<Record<Role, readonly LayerName[]>> = {
  accueil: ['cases'],
  coordination: ['cases', 'volunteers', 'links', 'hexes', 'case_hexes'],
  pilotage: ['volunteers', 'hexes', 'case_hexes'],
  diffusion: ['hexes'],
  bienveilleur: ['cases', 'links'],
  dpo: [],
  administration: [],
};
/// These two work on registers and lists alone.
const WITHOUT_MAP: ReadonlySet<Role> = new Set(['dpo', 'administration']);

/// `null`: nobody is signed in. `emergency`: an "Accès d'urgence" opens the cases for a while.
export function accessOf(roles: readonly Role[] | null, emergency: boolean): Access {
  if (roles === null) return { area: false, layers: new Set(EVERYBODY) };
  const mapped = roles.filter((role) => !WITHOUT_MAP.has(role));
  if (mapped.length === 0) return { area: false, layers: new Set() };
  const layers = new Set([...EVERYBODY, ...mapped.flatMap((role) => MORE[role])]);
  if (emergency) layers.add('cases');
  return { area: true, layers };
}

/// The layers of the map that can be switched on with this access.
export function pointLayers(access: Access): readonly PointLayer[] {
  return (['cases', 'volunteers', 'relays', 'links', 'quarters', 'hexes', 'case_hexes'] as const).filter((layer) => access.layers.has(layer));
}

/// A mode, or one of the screens that have no address: waiting for the first answer, the short code, the refusal of a role.
export type Screen = Mode | 'waiting' | 'pin' | 'refused';

export interface Gate {
  readonly session: Session | null;
  readonly asked: 'nothing' | 'password' | 'pin';
  /// The modes that the roles open, in the order of the rail.
  readonly modes: readonly Mode[];
}

/// Which screen answers an address. Signed out, the address is kept, so that signing in leads to what was asked.
export function screenOf(route: Route, { session, asked, modes }: Gate): Screen {
  if (route.mode === 'notice' || route.mode === 'relay_report' || route.mode === 'receipt') return route.mode;
  if (session === null) return 'waiting';
  if (!session.signed_in) {
    if (asked === 'pin') return 'pin';
    if (asked === 'password') return 'sign_in';
    if (route.mode === 'relays') return 'home';
    if (session.known_device) return 'pin';
    return route.mode === 'home' ? 'home' : 'sign_in';
  }
  // A second step that is required and not set up comes before anything else: until then there are no roles.
  if (route.mode === 'account' || session.account?.second_factor === 'required') return 'account';
  if (route.mode === 'home' || route.mode === 'sign_in') return modes[0] ?? 'account';
  // A relay's sticker is printed from the relays' mode, by whoever keeps the codes.
  if (route.mode === 'sticker') return modes.includes('coordination') ? 'sticker' : 'refused';
  return modes.includes(route.mode) ? route.mode : 'refused';
}
