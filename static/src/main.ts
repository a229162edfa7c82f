/// Puts the page together: rail of modes, working panel, map; one mode at a time, each with its own address. What is shown
/// follows from who is signed in; whoever is not gets the public page.
import { isAbort, serverNow } from './api/client';
import { createData } from './api/data';
import { fetchSession } from './api/session';
import { createMap, pointsOf, type PointKind, type StreetKey } from './map';
import { enterAccount } from './modes/account';
import { enterBatch } from './modes/batch';
import { countHexesOf } from './modes/case-hexes';
import { enterCoordination } from './modes/coordination';
import type { Context, Enter, Leave, ModeEntry, Reach } from './modes/context';
import { defaultThreshold, enterCoverage } from './modes/coverage';
import { deskModes } from './modes/desks';
import { emergencyBanner, emergencyUntil } from './modes/emergency';
import { keepSession } from './modes/keeper';
import { enterNotice, noticeLinks } from './modes/notices';
import { enterFollowUp } from './modes/follow-up';
import { enterMyPeople } from './modes/my-people';
import { enterPin } from './modes/pin';
import { enterRefused, enterWaiting } from './modes/plain';
import { enterPublic } from './modes/public';
import { enterReceipt } from './modes/receipt';
import { enterRelayReport } from './modes/relay-report';
import { enterRelays } from './modes/relays';
import { enterReports } from './modes/reports';
import { enterSheet } from './modes/sheet';
import { enterSignIn } from './modes/sign-in';
import { askSignOut } from './modes/sign-out';
import { caseName, caseTone, relayTone, volunteerTone } from './modes/tones';
import { enterSticker } from './modes/sticker';
import { mayView, openViewers, rolesInWords, viewingBanner } from './modes/viewing';
import { accessOf, pointLayers, screenOf, type Screen } from './state/access';
import { cell } from './state/cell';
import { defaultLayers, type Layers } from './state/layers';
import { formatRoute, type Mode, parseRoute, type PlainMode, type Route } from './state/route';
import { account, asked, can, mayWrite, roles, session, viewingAs } from './state/session';
import './styles/main.css';
import { label, t, tn } from './text';
import { length, minutes, percent, places } from './text/format';
import { announce, hush, mountVoices, notice, type Notice } from './ui/announce';
import { fill, h } from './ui/dom';
import { openHelp } from './ui/help';
import { icon } from './ui/icons';
import { layerControl } from './ui/layers';
import { menu } from './ui/menu';
import { createPanel } from './ui/panel';
import { installShortcuts } from './ui/shortcuts';

/// In the order of the rail; the first one that a role opens is where it arrives.
const MODES: readonly ModeEntry[] = [
  { name: 'people', roles: ['bienveilleur'], icon: 'people', enter: enterMyPeople, map: true },
  {
    name: 'reports',
    roles: ['accueil'],
    icon: 'reports',
    enter: enterReports,
    home: { mode: 'reports', view: 'list', id: null },
    map: true,
  },
  {
    name: 'coordination',
    roles: ['coordination'],
    icon: 'coordination',
    enter: enterCoordination,
    home: { mode: 'coordination', view: 'list', id: null, filter: 'waiting' },
    map: true,
  },
  {
    name: 'coverage',
    roles: ['coordination', 'pilotage', 'diffusion'],
    icon: 'coverage',
    enter: enterCoverage,
    home: { mode: 'coverage', by: 'volunteer', thresholdMin: null, profile: 'foot' },
    map: true,
  },
  {
    name: 'relays',
    roles: ['accueil', 'coordination', 'pilotage', 'diffusion', 'bienveilleur'],
    icon: 'relays',
    enter: enterRelays,
    home: { mode: 'relays', id: null, kind: null, sticker: null },
    map: true,
  },
  { name: 'follow_up', roles: ['coordination'], icon: 'follow_up', enter: enterFollowUp },
  ...deskModes,
  { name: 'batch', roles: ['coordination'], icon: 'coordination', enter: enterBatch, map: true, hidden: true },
  { name: 'sheet', roles: ['coordination'], icon: 'register', enter: enterSheet, hidden: true },
];

function homeOf(entry: ModeEntry): Route {
  return entry.home ?? { mode: entry.name as PlainMode, parts: [], params: {} };
}

/// The screens that are in no rail.
const SCREENS: Readonly<Partial<Record<Screen, { readonly enter: Enter; readonly map: boolean }>>> = {
  home: { enter: enterPublic, map: true },
  sign_in: { enter: enterSignIn, map: false },
  pin: { enter: enterPin, map: false },
  notice: { enter: enterNotice, map: false },
  relay_report: { enter: enterRelayReport, map: false },
  receipt: { enter: enterReceipt, map: false },
  sticker: { enter: enterSticker, map: false },
  account: { enter: enterAccount, map: false },
  refused: { enter: enterRefused, map: false },
  waiting: { enter: enterWaiting, map: false },
};

const app = document.getElementById('app') as HTMLElement;
const data = createData();
const route = cell<Route>(parseRoute(location.hash));
const layers = cell<Layers>(defaultLayers(route.get().mode));
const reach = cell<Reach>({ by: 'volunteer', thresholdMin: 10, profile: 'foot' });
const pointUnder = cell<{ kind: PointKind; id: number } | null>(null);
const streetUnder = cell<StreetKey | null>(null);
const streetOpened = cell<StreetKey | null>(null);

function go(next: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = formatRoute(next);
  if (hash !== location.hash) {
    if (how === 'push') history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
  }
  route.set(next);
}

/// The modes that the roles open; an emergency opens the list of reports to the project lead too.
function modesHeld(): readonly ModeEntry[] {
  return MODES.filter((entry) => can(...entry.roles) || (entry.name === 'reports' && emergencyOpen()));
}

function emergencyOpen(): boolean {
  return emergencyUntil() !== null && viewingAs.get() === null;
}

// ---- the frame

const band = h('header', { class: 'band' });
const endBanner = h('div', {});
const banners = h('div', { class: 'banners' });
const rail = h('nav', { class: 'rail', 'aria-label': t('nav.label') });
let railLinks: readonly { readonly mode: Mode; readonly link: HTMLElement }[] = [];
const panel = createPanel();
const mapBox = h('div', { class: 'map-box' });
const attribution = h('p', { class: 'attribution' });
const fitButton = h(
  'button',
  { type: 'button', class: 'map-button map-fit', 'aria-label': t('map.fit'), title: t('map.fit'), on: { click: () => map.fitAll() } },
  icon('fit'),
);
const layerBox = h('div', {});
const mapSide = h('section', { class: 'map-side', 'aria-label': t('map.section') }, mapBox, h('div', { class: 'map-tools' }, fitButton), attribution, layerBox);
const foot = h('footer', { class: 'foot' }, h('nav', { 'aria-label': t('notices.label') }, h('ul', {}, noticeLinks())));
const mapToggle = h('button', {
  type: 'button',
  class: 'map-toggle button button-main',
  on: { click: () => showOnPhone(app.dataset['view'] === 'map' ? 'list' : 'map') },
});

function showOnPhone(what: 'list' | 'map'): void {
  app.dataset['view'] = what;
  fill(mapToggle, icon(what === 'map' ? 'list' : 'map'), t(what === 'map' ? 'nav.list' : 'nav.map'));
  mapToggle.setAttribute('aria-label', t(what === 'map' ? 'nav.show_list' : 'nav.show_map'));
  // Leaflet measures its box once the style has changed.
  requestAnimationFrame(() => map.resized());
}

app.append(
  h(
    'a',
    {
      class: 'skip',
      href: '#liste',
      on: {
        click: (event) => {
          event.preventDefault();
          (panel.list.inert ? panel.element.querySelector<HTMLElement>('h2') : panel.list)?.focus();
        },
      },
    },
    t('app.skip'),
  ),
  band,
  h('div', { class: 'banner-area' }, banners, endBanner),
  rail,
  panel.element,
  mapSide,
  mapToggle,
  foot,
);
mountVoices(document.body);

// ---- the map

const map = createMap(
  mapBox,
  {
    zoomIn: t('map.zoom_in'),
    zoomOut: t('map.zoom_out'),
    label: t('map.label'),
    group: (n) => tn('map.cluster', n),
    hex: (hex) =>
      t('map.hex_tip', {
        length: length(hex.properties.uncovered_m),
        share: percent(hex.properties.uncovered_share),
      }),
    street: (street, seconds) => {
      const name = street.name ?? '';
      if (seconds === undefined) return name;
      const time = seconds === null ? t('map.no_way') : t('units.walk', { time: minutes(seconds) });
      return name === '' ? time : `${name} · ${time}`;
    },
  },
  {
    onOpen(kind, id) {
      const now = route.get();
      if (kind === 'case') {
        if (can('coordination')) go({ mode: 'coordination', view: 'case', id, filter: now.mode === 'coordination' ? now.filter : 'all' });
        else if (can('bienveilleur')) go({ mode: 'people', parts: [String(id)], params: {} });
        else go({ mode: 'reports', view: 'case', id });
      } else if (kind === 'relay') {
        const base = now.mode === 'relays' ? now : { mode: 'relays' as const, kind: null, sticker: null };
        go({ ...base, id });
      }
    },
    onHover: (kind, id) => pointUnder.set(id === null ? null : { kind, id }),
    onStreetHover: (street) => streetUnder.set(street),
    onStreetOpen: (street) => streetOpened.set({ ...street }),
  },
);
new ResizeObserver(() => map.resized()).observe(mapBox);

data.quarters.watch(({ value }) => map.setQuarters(value));
data.ground.watch(({ value }) => map.setGround(value));
data.streets.watch(({ value }) => map.setStreets(value.features));
data.links.watch(({ value }) => map.setLinks(value));
data.hexes.watch((value) => map.setHexes(value));
const drawCaseHexes = (): void => map.setCaseHexes(countHexesOf(data.caseHexes.get().value, data.quarters.get().value));
data.caseHexes.watch(drawCaseHexes);
data.quarters.changed(drawCaseHexes);
data.cases.watch(({ value }) =>
  map.setPoints(
    'case',
    pointsOf(
      value,
      (one) => `case-${caseTone(one)}`,
      (one) => `${caseName(one)} · ${label('case.states', one.properties.state)}`,
    ),
  ),
);
data.volunteers.watch(({ value }) =>
  map.setPoints(
    'volunteer',
    pointsOf(
      value,
      (one) => `volunteer-${volunteerTone(one)}`,
      ({ properties: p }) =>
        !p.active
          ? t('map.volunteer_inactive', { name: p.name })
          : p.free > 0
            ? t('map.volunteer_tip', { name: p.name, places: places(p.free) })
            : t('map.volunteer_full', { name: p.name }),
    ),
  ),
);
data.relays.watch(({ value }) =>
  map.setPoints(
    'relay',
    pointsOf(
      value,
      (one) => `relay-${relayTone(one)}`,
      (one) => `${one.properties.name} · ${label('relays.kinds', one.properties.kind ?? '', 'relays.kind_other')}`,
    ),
  ),
);

function colour(): void {
  const { streets, hexes } = layers.get();
  const asked = reach.get();
  // Hexagons answer the question that the streets do.
  const by = streets === 'plain' ? asked.by : streets;
  const thresholdMin = asked.by === by ? asked.thresholdMin : defaultThreshold({ data }, by);
  map.colourStreets(streets === 'plain' ? null : { by, thresholdS: thresholdMin * 60 });
  data.useHexes(hexes ? { by, thresholdMin, profile: asked.profile } : null);
}

layers.watch((value) => {
  map.showLayers(value);
  data.useCaseHexes(value.case_hexes);
  colour();
});
reach.changed((value) => {
  data.useProfile(value.profile);
  colour();
});

// ---- who is there, and what is shown

const chosenLayers = new Map<Screen, Layers>();
let current: { screen: Screen; leave: Leave } | null = null;
let held = '';
let dropLayerControl: () => void = () => undefined;
const ctx: Context = { data, map, panel, route, layers, reach, pointUnder, streetUnder, streetOpened, go, showMap: () => showOnPhone('map') };

function screenNow(): Screen {
  return screenOf(route.get(), { session: session.get(), asked: asked.get(), modes: modesHeld().map((entry) => entry.name) });
}

/// Whose view it is: when this changes, nothing of before may stay.
function viewKey(screen: Screen): string {
  const now = session.get();
  if (now?.signed_in !== true) return screen === 'home' ? 'public' : 'nobody';
  return `${now.account?.id}|${viewingAs.get()?.account_id ?? ''}|${emergencyOpen()}|${roles().join()}`;
}

function leaveScreen(): void {
  current?.leave();
  current = null;
}

function changeView(key: string): void {
  const wasSomebody = held !== '' && held !== 'public' && held !== 'nobody';
  held = key;
  leaveScreen();
  for (const dialog of document.querySelectorAll('dialog')) dialog.remove();
  if (wasSomebody) hush();
  chosenLayers.clear();
  const access = key === 'nobody' ? null : key === 'public' ? accessOf(null, false) : accessOf(roles(), emergencyOpen());
  data.use(access);
  dropLayerControl();
  layerBox.replaceChildren();
  if (access?.area) {
    const control = layerControl(layers, [3, 5, 10, 15], pointLayers(access), can('coordination', 'pilotage', 'diffusion'));
    dropLayerControl = control.drop;
    layerBox.append(control.element);
  }
  drawRail();
}

function drawRail(): void {
  const links = modesHeld().filter((entry) => entry.hidden !== true).map((entry) => ({
    mode: entry.name,
    link: h('a', { class: 'rail-link', href: formatRoute(homeOf(entry)) }, icon(entry.icon), h('span', {}, t(`nav.${entry.name}`))),
  }));
  railLinks = links;
  fill(
    rail,
    h('ul', {}, links.map(({ link }) => h('li', {}, link))),
    h('button', { type: 'button', class: 'rail-link', on: { click: openHelp } }, icon('help'), h('span', {}, t('nav.help'))),
  );
}

let last: Screen | null = null;
function arrive(screen: Screen): void {
  const before = current;
  if (before) {
    before.leave();
    chosenLayers.set(before.screen, layers.get());
  }
  const entry = MODES.find((one) => one.name === screen) ?? SCREENS[screen];
  const signedIn = session.get()?.signed_in === true;
  app.dataset['shell'] = signedIn ? 'work' : 'public';
  app.dataset['map'] = entry?.map === true ? 'yes' : 'no';
  if (entry?.map !== true) app.dataset['view'] = 'list';
  showOnPhone(app.dataset['view'] === 'map' ? 'map' : 'list');
  layers.set(chosenLayers.get(screen) ?? defaultLayers(screen === 'pin' || screen === 'waiting' || screen === 'refused' ? 'account' : screen));
  current = { screen, leave: () => undefined };
  current = { screen, leave: entry?.enter(ctx) ?? (() => undefined) };
  // Whoever has just signed in or out is not left at the beginning of the page, as somebody who opens it is.
  const came = last !== null && last !== 'waiting' && before === null;
  last = screen;
  if (came && !app.contains(document.activeElement)) panel.list.focus({ preventScroll: true });
}

/// Scrolls a narrow rail to the current link. Not by `scrollIntoView`: that moves where the next Tab begins.
function inSight(link: HTMLElement): void {
  const [around, inside] = [rail.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inside.left < around.left) rail.scrollLeft += inside.left - around.left;
  else if (inside.right > around.right) rail.scrollLeft += inside.right - around.right;
}

function sync(): void {
  let screen = screenNow();
  const key = viewKey(screen);
  if (key !== held) changeView(key);
  const now = session.get();
  if (now?.signed_in === true && (route.get().mode === 'home' || route.get().mode === 'sign_in')) {
    const first = modesHeld()[0];
    go(first ? homeOf(first) : { mode: 'account', parts: [], params: {} }, 'replace');
    return;
  }
  screen = screenNow();
  if (current?.screen !== screen) arrive(screen);
  for (const { mode, link } of railLinks) {
    const above = screen === 'batch' ? 'coordination' : screen === 'sticker' ? 'relays' : screen;
    if (mode === above) {
      link.setAttribute('aria-current', 'page');
      inSight(link);
    } else link.removeAttribute('aria-current');
  }
  drawBand();
  drawBanners();
  document.title = `${t(`nav.${screen}`)} – ${t('app.name')}`;
}

let queued = false;
/// Several things may change together, such as when a session ends: they are looked at once.
function syncSoon(): void {
  if (queued) return;
  queued = true;
  queueMicrotask(() => {
    queued = false;
    sync();
  });
}

// ---- what is always said

function leaveForGood(): void {
  go({ mode: 'home' });
  announce(t('session.signed_out'));
}

function ownMenu(): HTMLElement | null {
  const me = account();
  if (me === null) return null;
  const said = rolesInWords(me.roles);
  const item = (name: 'eye' | 'leave', text: string, act: () => void): HTMLElement =>
    h('li', {}, h('button', { type: 'button', class: 'menu-item', on: { click: act } }, icon(name), text));
  return menu(
    [h('span', { class: 'visually-hidden' }, t('band.menu')), icon('account'), h('span', { class: 'menu-who' }, h('span', { class: 'menu-name' }, me.name), h('span', { class: 'menu-roles' }, said))],
    [
      h('p', { class: 'menu-head' }, h('strong', {}, me.name), h('span', {}, said)),
      h(
        'ul',
        {},
        h('li', {}, h('a', { class: 'menu-item', href: formatRoute({ mode: 'account', parts: [], params: {} }) }, icon('account'), t('nav.account'))),
        mayView() &&
          item('eye', t('band.view_as'), () =>
            openViewers((viewer) => {
              viewingAs.set(viewer);
              go({ mode: 'home' });
            }),
          ),
        item('leave', t('band.sign_out'), () => askSignOut(leaveForGood)),
      ),
      h('ul', { class: 'menu-notices', 'aria-label': t('band.information') }, noticeLinks()),
    ],
  ).element;
}

let drawnBand = '';
function drawBand(): void {
  const now = session.get();
  const indicative = data.quarters.get().value.some((quarter) => quarter.properties.precision === 'indicative');
  const screen = screenNow();
  const content = JSON.stringify([now?.signed_in, now?.demonstration, now?.account, indicative, screen === 'sign_in' || screen === 'pin']);
  // Only when it says something else, so that an open menu stays open.
  if (content === drawnBand) return;
  drawnBand = content;
  fill(
    band,
    h('p', { class: 'brand' }, h('strong', {}, t('app.name')), h('span', {}, t('app.city'))),
    h(
      'ul',
      { class: 'band-notes', 'aria-label': t('band.label') },
      now?.demonstration &&
        h('li', { class: 'band-demo' }, h('span', { class: 'wide' }, t('band.demonstration')), h('span', { class: 'narrow' }, t('band.demonstration_short'))),
      indicative && h('li', { class: now?.signed_in === true ? undefined : 'wide' }, t('band.indicative'), h('span', { class: 'wide' }, ` ${t('band.indicative_of')}`)),
    ),
    now?.signed_in === true
      ? ownMenu()
      : now !== null &&
          screen !== 'sign_in' &&
          screen !== 'pin' &&
          h('a', { class: 'button band-sign-in', href: formatRoute({ mode: 'sign_in' }) }, icon('key'), t('band.sign_in')),
  );
  attribution.textContent = t(now?.demonstration ? 'map.attribution_demo' : 'map.attribution');
}

function drawBanners(): void {
  fill(
    banners,
    viewingBanner(() => {
      viewingAs.set(null);
      go({ mode: 'home' });
    }),
    viewingAs.get() === null && emergencyBanner(),
  );
}

let emergencyTimer: ReturnType<typeof setTimeout> | undefined;
function askAgain(): void {
  fetchSession()
    .then(() => data.heard(true))
    .catch((error: unknown) => {
      if (session.get() !== null || isAbort(error)) return;
      // Nothing can be shown before the server says who is there.
      data.heard(false);
      setTimeout(askAgain, 3000);
    });
}

route.watch(sync);
session.changed((next) => {
  clearTimeout(emergencyTimer);
  const until = next?.break_glass_until_at ?? null;
  if (until !== null) emergencyTimer = setTimeout(askAgain, Math.max(1000, Date.parse(until) - serverNow() + 1000));
  syncSoon();
});
asked.changed(syncSoon);
viewingAs.changed(syncSoon);
data.quarters.changed(drawBand);
window.addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
keepSession(endBanner);

let offline: Notice | null = null;
data.online.changed((online) => {
  if (!online) {
    offline ??= notice(t('errors.unreachable'), t('errors.unreachable_next'), 'bad', true);
    return;
  }
  offline?.close();
  offline = null;
  announce(t('errors.back'));
});

/// The list behind what is open, if something is.
function listOf(now: Route): Route | null {
  switch (now.mode) {
    case 'coordination':
      // A correction that is being typed is not thrown away by a key.
      return now.view === 'list' || now.view === 'correct' ? null : { ...now, view: 'list', id: null };
    case 'reports':
      return now.view === 'list' ? null : { ...now, view: 'list', id: null };
    case 'relays':
      return now.id === null ? null : { ...now, id: null };
    case 'batch':
      return { mode: 'coordination', view: 'list', id: null, filter: 'waiting' };
    case 'home':
    case 'sign_in':
    case 'notice':
    case 'coverage':
      return null;
    case 'relay_report':
    case 'receipt':
    case 'sticker':
      return null;
    default:
      return now.parts.length === 0 ? null : { ...now, parts: now.parts.slice(0, -1) };
  }
}

installShortcuts({
  search: () => {
    const list = panel.detailOpen() ? listOf(route.get()) : null;
    if (list) go(list);
    panel.list.querySelector<HTMLElement>('[data-search]')?.focus();
  },
  help: openHelp,
  create: () => {
    if (!mayWrite()) return;
    const now = route.get();
    if (can('coordination')) go({ mode: 'coordination', view: 'new', id: null, filter: now.mode === 'coordination' ? now.filter : 'waiting' });
    else if (can('accueil')) go({ mode: 'reports', view: 'new', id: null });
  },
  back: () => {
    const list = listOf(route.get());
    if (list) go(list);
    return list !== null;
  },
});

showOnPhone('list');
data.start();
askAgain();
