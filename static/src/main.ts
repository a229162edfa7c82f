/// Puts the page together: rail of modes, working panel, map; one mode at a time, each with its own address.
import { createData } from './api/data';
import { createMap, pointsOf, type PointKind, type StreetKey } from './map';
import { enterCoordination } from './modes/coordination';
import type { Context, Enter, Leave, Reach } from './modes/context';
import { defaultThreshold, enterCoverage } from './modes/coverage';
import { enterRelays } from './modes/relays';
import { caseName, caseTone, relayTone, volunteerTone } from './modes/tones';
import { cell } from './state/cell';
import { DEFAULT_LAYERS, type Layers } from './state/layers';
import { formatRoute, type Mode, parseRoute, type Route } from './state/route';
import './styles/main.css';
import { label, t, tn } from './text';
import { length, minutes, percent, places } from './text/format';
import { announce, mountVoices, notice, type Notice } from './ui/announce';
import { fill, h } from './ui/dom';
import { openHelp } from './ui/help';
import { icon, type IconName } from './ui/icons';
import { layerControl } from './ui/layers';
import { createPanel } from './ui/panel';
import { installShortcuts } from './ui/shortcuts';

const MODES: Readonly<Record<Mode, Enter>> = {
  coordination: enterCoordination,
  coverage: enterCoverage,
  relays: enterRelays,
};
const HOME: Readonly<Record<Mode, Route>> = {
  coordination: { mode: 'coordination', view: 'list', id: null, filter: 'waiting' },
  coverage: { mode: 'coverage', by: 'volunteer', thresholdMin: null, profile: 'foot' },
  relays: { mode: 'relays', id: null, kind: null, sticker: null },
};
const MODE_ICONS: Readonly<Record<Mode, IconName>> = { coordination: 'coordination', coverage: 'coverage', relays: 'relays' };

const app = document.getElementById('app') as HTMLElement;
const data = createData();
const route = cell<Route>(parseRoute(location.hash));
const layers = cell<Layers>(DEFAULT_LAYERS[route.get().mode]);
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

// ---- the frame

const band = h('header', { class: 'band' });
const railLinks = (Object.keys(MODES) as Mode[]).map((mode) => ({
  mode,
  link: h('a', { class: 'rail-link', href: formatRoute(HOME[mode]) }, icon(MODE_ICONS[mode]), h('span', {}, t(`nav.${mode}`))),
}));
const rail = h(
  'nav',
  { class: 'rail', 'aria-label': t('nav.label') },
  h('ul', {}, railLinks.map(({ link }) => h('li', {}, link))),
  h('button', { type: 'button', class: 'rail-link', on: { click: openHelp } }, icon('help'), h('span', {}, t('nav.help'))),
);
const panel = createPanel();
const mapBox = h('div', { class: 'map-box' });
const attribution = h('p', { class: 'attribution' });
const fitButton = h(
  'button',
  { type: 'button', class: 'map-button map-fit', 'aria-label': t('map.fit'), title: t('map.fit'), on: { click: () => map.fitAll() } },
  icon('fit'),
);
const mapSide = h('section', { class: 'map-side', 'aria-label': t('map.section') }, mapBox, h('div', { class: 'map-tools' }, fitButton), attribution);
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
  rail,
  panel.element,
  mapSide,
  mapToggle,
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
        const filter = now.mode === 'coordination' ? now.filter : 'all';
        go({ mode: 'coordination', view: 'case', id, filter });
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
mapSide.append(layerControl(layers, [3, 5, 10, 15]));
new ResizeObserver(() => map.resized()).observe(mapBox);

data.quarters.watch(({ value }) => map.setQuarters(value));
data.ground.watch(({ value }) => map.setGround(value));
data.streets.watch(({ value }) => map.setStreets(value.features));
data.links.watch(({ value }) => map.setLinks(value));
data.hexes.watch((value) => map.setHexes(value));
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
      (one) => `${one.properties.name} · ${label('relays.kinds', one.properties.kind)}`,
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
  colour();
});
reach.changed((value) => {
  data.useProfile(value.profile);
  colour();
});

// ---- the modes

const chosenLayers = new Map<Mode, Layers>();
let current: { mode: Mode; leave: Leave } | null = null;
const ctx: Context = { data, map, panel, route, layers, reach, pointUnder, streetUnder, streetOpened, go };

route.watch((next) => {
  if (current?.mode !== next.mode) {
    current?.leave();
    if (current) chosenLayers.set(current.mode, layers.get());
    layers.set(chosenLayers.get(next.mode) ?? DEFAULT_LAYERS[next.mode]);
    current = { mode: next.mode, leave: () => undefined };
    current = { mode: next.mode, leave: MODES[next.mode](ctx) };
  }
  for (const { mode, link } of railLinks) {
    if (mode === next.mode) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${t(`nav.${next.mode}`)} – ${t('app.name')}`;
});
window.addEventListener('hashchange', () => route.set(parseRoute(location.hash)));

// ---- what is always said

data.area.watch((area) => {
  fill(
    band,
    h('p', { class: 'brand' }, h('strong', {}, t('app.name')), h('span', {}, t('app.city'))),
    h(
      'ul',
      { class: 'band-notes', 'aria-label': t('band.label') },
      area?.demonstration && h('li', { class: 'band-demo' }, t('band.demonstration')),
      area?.quarters_precision === 'indicative' && h('li', {}, t('band.indicative'), h('span', { class: 'wide' }, ` ${t('band.indicative_of')}`)),
      h('li', {}, h('span', { class: 'wide' }, t('band.local')), h('span', { class: 'narrow' }, t('band.local_short'))),
    ),
  );
  attribution.textContent = t(area?.demonstration ? 'map.attribution_demo' : 'map.attribution');
});

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

installShortcuts({
  search: () => {
    const now = route.get();
    if (panel.detailOpen()) {
      if (now.mode === 'coordination') go({ ...now, view: 'list', id: null });
      else if (now.mode === 'relays') go({ ...now, id: null });
    }
    panel.list.querySelector<HTMLElement>('[data-search]')?.focus();
  },
  help: openHelp,
  create: () => {
    const now = route.get();
    go({ mode: 'coordination', view: 'new', id: null, filter: now.mode === 'coordination' ? now.filter : 'waiting' });
  },
  back: () => {
    const now = route.get();
    if (now.mode === 'coordination' && now.view !== 'list') go({ ...now, view: 'list', id: null });
    else if (now.mode === 'relays' && now.id !== null) go({ ...now, id: null });
    else return false;
    return true;
  },
});

showOnPhone('list');
data.start();
