/// Couverture: which streets are too far from a volunteer or a relay. The map recolours while the slider is dragged; the
/// figures follow from the server, which cuts at the borders of the quarters.
import { fetchCoverage } from '../api/client';
import { throttled } from '../api/throttle';
import type { Coverage, Figures, StreetFigures } from '../api/types';
import type { StreetKey } from '../map';
import { bag } from '../state/cell';
import { type CoverageRoute, type CoveredBy, MAX_THRESHOLD, MIN_THRESHOLD, type Profile } from '../state/route';
import { can } from '../state/session';
import { t, tn } from '../text';
import { count, length, metres, minutes, percent } from '../text/format';
import { announce, notice } from '../ui/announce';
import { chips, fold, searchField } from '../ui/controls';
import { type Cell as CsvCell, csv, download } from '../ui/csv';
import { fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { reachLegend } from '../ui/legend';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { settle, walkable } from '../ui/walker';
import { caseHexSection } from './case-hexes';
import type { Context, Enter, Reach } from './context';
import { said } from './refusals';
import { quarterName } from './tones';

const ROW = '.street-row';
const FIRST_ROWS = 60;
/// At most five questions a second while the slider moves.
const EVERY_MS = 200;
const CLASS_LIMITS = [3, 5, 10, 15];

export function defaultThreshold(ctx: Pick<Context, 'data'>, by: CoveredBy): number {
  const defaults = ctx.data.area.get()?.defaults;
  if (by === 'volunteer') return defaults?.volunteer_threshold_min ?? 10;
  return defaults?.relay_threshold_min ?? 5;
}

function keyOf(street: StreetKey): string {
  return `${street.quarter ?? ''}|${street.name ?? ''}`;
}

function reachOf(ctx: Context, route: CoverageRoute): Reach {
  return {
    by: route.by,
    profile: route.profile,
    thresholdMin: route.thresholdMin ?? defaultThreshold(ctx, route.by),
  };
}

/// "3,2 km de rues sans bénévole à moins de 10 min (21 %) · 143 adresses".
export function headline(coverage: Coverage): string {
  const { total, by } = coverage;
  const time = minutes(coverage.threshold_min * 60);
  if (total.uncovered_m < 0.5) {
    return t(by === 'volunteer' ? 'coverage.headline_all_volunteer' : 'coverage.headline_all_relay', { time });
  }
  const text = t(by === 'volunteer' ? 'coverage.headline_volunteer' : 'coverage.headline_relay', {
    length: length(total.uncovered_m),
    time,
    share: percent(total.uncovered_share),
  });
  if (total.addresses === 0) return text;
  return `${text} · ${tn('units.addresses', total.addresses_uncovered, count(total.addresses_uncovered))}`;
}

/// The table as rows for a spreadsheet.
export function coverageRows(coverage: Coverage, nameOf: (quarter: string | null) => string): CsvCell[][] {
  const round = (value: number, digits: number): number => Number(value.toFixed(digits));
  const figures = (f: Figures): CsvCell[] => [
    round(f.total_m, 3),
    round(f.covered_m, 3),
    round(f.uncovered_m, 3),
    round(f.uncovered_share, 4),
    f.addresses,
    f.addresses_uncovered,
  ];
  return [
    [
      t('coverage.csv_level'),
      t('coverage.csv_name'),
      t('coverage.csv_quarter'),
      t('coverage.csv_total'),
      t('coverage.csv_covered'),
      t('coverage.csv_uncovered'),
      t('coverage.csv_share'),
      t('coverage.csv_addresses'),
      t('coverage.csv_addresses_uncovered'),
    ],
    [t('coverage.csv_total_row'), '', '', ...figures(coverage.total)],
    ...coverage.quarters.map((quarter): CsvCell[] => [t('coverage.csv_quarter_row'), quarter.name, quarter.name, ...figures(quarter)]),
    ...coverage.streets.map((street): CsvCell[] => [
      t('coverage.csv_street_row'),
      street.name ?? t('coverage.unnamed'),
      nameOf(street.quarter),
      ...figures(street),
    ]),
  ];
}

export const enterCoverage: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as CoverageRoute;
  let coverage: Coverage | null = null;
  let query = '';
  let all = false;
  let selected: StreetKey | null = null;

  const name = (quarter: string | null): string => quarterName(data.quarters.get().value, quarter) ?? t('common.outside');

  const by = chips<CoveredBy>(
    t('coverage.by'),
    [
      { value: 'volunteer', label: t('coverage.by_volunteer') },
      { value: 'relay', label: t('coverage.by_relay') },
    ],
    route.by,
    (value) => ctx.go({ ...route, by: value, thresholdMin: null }, 'replace'),
    'segments',
    true,
  );
  const profile = chips<Profile>(
    t('coverage.profile'),
    [
      { value: 'foot', label: t('coverage.foot') },
      { value: 'reduced_mobility', label: t('coverage.reduced_mobility') },
    ],
    route.profile,
    (value) => ctx.go({ ...route, profile: value }, 'replace'),
    'segments',
    true,
  );
  const hint = h('p', { class: 'hint' });

  const sliderId = freshId('threshold');
  const output = h('output', { for: sliderId, class: 'slider-value' });
  const slider = h('input', {
    id: sliderId,
    type: 'range',
    min: MIN_THRESHOLD,
    max: MAX_THRESHOLD,
    step: 1,
    on: {
      input: () => slide(Number(slider.value)),
      change: () => ctx.go({ ...route, thresholdMin: Number(slider.value) }, 'replace'),
    },
  });
  const headlineBox = h('p', { class: 'headline' });
  const ofTotal = h('p', { class: 'hint' });
  const quarterTable = h('div', { class: 'table-box' });
  const search = searchField(t('coverage.search'), (text) => {
    query = fold(text.trim());
    all = false;
    renderStreets();
  });
  const list = h('ul', { class: 'rows', 'aria-label': t('coverage.streets') });
  const after = h('div', {});
  walkable(list, ROW, search.input);
  const csvButton = h(
    'button',
    { type: 'button', class: 'button button-quiet', on: { click: saveCsv } },
    icon('download'),
    t('coverage.csv'),
  );
  const figures = h(
    'div',
    { class: 'figures' },
    h('section', { 'aria-label': t('coverage.quarters') }, h('h2', {}, t('coverage.quarters')), quarterTable, csvButton),
    h('section', { 'aria-label': t('coverage.streets') }, h('h2', {}, t('coverage.streets')), search.element, list, after),
  );
  const status = h('div', {});
  const caseHexes = caseHexSection(ctx);
  if (caseHexes) undo.add(caseHexes.drop);

  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('div', { class: 'panel-title' }, h('h1', {}, t('coverage.title')), h('p', { class: 'lead' }, t('coverage.lead'))),
      h('div', { class: 'pair' }, by.element, profile.element),
      hint,
      h(
        'div',
        { class: 'slider' },
        h('div', { class: 'slider-head' }, h('label', { class: 'field-label', for: sliderId }, t('coverage.threshold')), output),
        slider,
        h(
          'div',
          { class: 'slider-ends', 'aria-hidden': 'true' },
          h('span', {}, minutes(MIN_THRESHOLD * 60)),
          h('span', {}, minutes(MAX_THRESHOLD * 60)),
        ),
      ),
      h('div', { class: 'summary' }, headlineBox, ofTotal),
      h('details', { class: 'legend-box', open: true }, h('summary', {}, t('coverage.legend')), reachLegend(CLASS_LIMITS)),
    ),
    caseHexes?.element,
    status,
    figures,
  );

  const asking = throttled(
    EVERY_MS,
    (reach: Reach, signal) => fetchCoverage(reach, signal),
    (answer) => {
      coverage = answer;
      figures.removeAttribute('aria-busy');
      status.replaceChildren();
      render();
      announce(headline(answer), 500);
    },
    (error) => {
      figures.removeAttribute('aria-busy');
      if (!noNetwork()) fill(status, problemBox(said(error), () => ask()));
    },
  );

  function noNetwork(): boolean {
    const area = data.area.get();
    return area !== null && area.network === null;
  }

  function noQuarters(): boolean {
    const { status: state, value } = data.quarters.get();
    return state === 'ready' && value.length === 0;
  }

  function ask(): void {
    if (data.area.get() === null) {
      fill(status, skeleton(6));
      return;
    }
    if (noNetwork() || noQuarters()) {
      figures.hidden = true;
      headlineBox.textContent = '';
      ofTotal.textContent = '';
      fill(
        status,
        noNetwork()
          ? emptyBox(t('coverage.no_network'), t('coverage.no_network_next'), t('commands.streets'))
          : emptyBox(t('errors.no_quarters'), t('errors.no_quarters_next'), t('commands.quarters')),
      );
      return;
    }
    figures.hidden = false;
    figures.setAttribute('aria-busy', 'true');
    if (!coverage) fill(status, skeleton(6));
    asking.ask(ctx.reach.get());
  }

  function showThreshold(minutesWanted: number): void {
    if (slider.value !== String(minutesWanted)) slider.value = String(minutesWanted);
    output.textContent = minutes(minutesWanted * 60);
    slider.setAttribute('aria-valuetext', tn('coverage.threshold_value', minutesWanted));
  }

  function slide(minutesWanted: number): void {
    showThreshold(minutesWanted);
    ctx.reach.set({ ...ctx.reach.get(), thresholdMin: minutesWanted });
  }

  function render(): void {
    if (!coverage) return;
    headlineBox.textContent = headline(coverage);
    ofTotal.textContent = t('coverage.of_total', { length: length(coverage.total.total_m) });
    renderQuarters(coverage);
    renderStreets();
  }

  function renderQuarters(value: Coverage): void {
    const row = (title: string, f: Figures, last = false): HTMLElement =>
      h(
        'tr',
        { class: last ? 'total' : undefined },
        h('th', { scope: 'row' }, title),
        h('td', {}, metres(f.uncovered_m)),
        h('td', {}, percent(f.uncovered_share)),
        h('td', {}, count(f.addresses_uncovered)),
      );
    fill(
      quarterTable,
      h(
        'table',
        {},
        h('caption', { class: 'visually-hidden' }, headline(value)),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, t('coverage.quarter')),
            h('th', { scope: 'col' }, t('coverage.uncovered')),
            h('th', { scope: 'col' }, t('coverage.share')),
            h('th', { scope: 'col' }, t('coverage.addresses')),
          ),
        ),
        h('tbody', {}, value.quarters.map((quarter) => row(quarter.name, quarter))),
        h('tfoot', {}, row(t('coverage.total'), value.total, true)),
      ),
    );
  }

  function streetRow(street: StreetFigures): HTMLElement {
    const key = keyOf(street);
    const meter = h('meter', { min: 0, max: 1, value: street.uncovered_share.toFixed(3), 'aria-hidden': 'true', tabindex: '-1' });
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'row street-row',
          'data-key': key,
          'aria-current': selected !== null && keyOf(selected) === key ? 'true' : null,
          on: {
            click: () => open(street, true),
            mouseenter: () => map.highlightStreet(street),
            mouseleave: () => map.highlightStreet(selected),
            focus: () => map.highlightStreet(street),
            blur: () => map.highlightStreet(selected),
          },
        },
        h(
          'span',
          { class: 'row-text' },
          h(
            'span',
            { class: 'row-main' },
            h('span', { class: 'row-name' }, street.name ?? t('coverage.unnamed')),
            h('span', { class: 'row-figure' }, metres(street.uncovered_m)),
          ),
          h(
            'span',
            { class: 'row-sub' },
            h('span', {}, name(street.quarter)),
            h('span', {}, percent(street.uncovered_share)),
            h('span', {}, tn('units.addresses', street.addresses_uncovered, count(street.addresses_uncovered))),
            meter,
          ),
        ),
      ),
    );
  }

  function open(street: StreetFigures, zoom: boolean): void {
    selected = { name: street.name, quarter: street.quarter };
    for (const row of list.querySelectorAll<HTMLElement>(ROW)) {
      if (row.dataset['key'] === keyOf(street)) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
    settle(list, ROW);
    map.highlightStreet(selected);
    if (zoom) map.fit(street.extent);
    announce(
      `${street.name ?? t('coverage.unnamed')} : ${t('coverage.street_row', {
        length: metres(street.uncovered_m),
        share: percent(street.uncovered_share),
        addresses: tn('units.addresses', street.addresses_uncovered, count(street.addresses_uncovered)),
      })}`,
    );
  }

  function renderStreets(): void {
    if (!coverage) return;
    // Paths without a name are gathered by quarter: they come last, where they hide no street.
    const gaps = coverage.streets
      .filter((street) => street.uncovered_m >= 0.5)
      .sort((a, b) => Number(a.name === null) - Number(b.name === null) || b.uncovered_m - a.uncovered_m);
    const matching = query === '' ? gaps : gaps.filter((street) => fold(street.name ?? t('coverage.unnamed')).includes(query));
    const shown = all ? matching : matching.slice(0, FIRST_ROWS);
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['key'] : undefined;
    fill(list, shown.map(streetRow));
    settle(list, ROW);
    if (focused !== undefined) {
      [...list.querySelectorAll<HTMLElement>(ROW)].find((row) => row.dataset['key'] === focused)?.focus({ preventScroll: true });
    }
    if (matching.length > shown.length) {
      fill(
        after,
        h(
          'button',
          {
            type: 'button',
            class: 'button button-quiet',
            on: {
              click: () => {
                all = true;
                renderStreets();
              },
            },
          },
          `${t('common.more')} (${count(matching.length - shown.length)})`,
        ),
      );
    } else if (gaps.length === 0) fill(after, emptyBox(t('coverage.no_gap'), t('coverage.no_gap_next'), null));
    else if (matching.length === 0) fill(after, emptyBox(t('coverage.empty_filter'), null, null));
    else after.replaceChildren();
  }

  function saveCsv(): void {
    if (!coverage) return;
    const file = t('coverage.csv_file', {
      by: t(coverage.by === 'volunteer' ? 'coverage.csv_by_volunteer' : 'coverage.csv_by_relay'),
      threshold: coverage.threshold_min,
      profile: route.profile === 'foot' ? 'a-pied' : 'mobilite-reduite',
    });
    download(file, csv(coverageRows(coverage, name)));
    notice(t('coverage.csv_done'), file, 'good');
  }

  map.fitAll();
  undo.add(
    ctx.route.watch((next) => {
      if (next.mode !== 'coverage') return;
      route = next;
      by.choose(route.by);
      profile.choose(route.profile);
      // Who may not see homes is told that what is measured from them is not exact.
      const ofVolunteers = can('coordination', 'pilotage') ? 'coverage.by_volunteer_hint' : 'coverage.by_masked_hint';
      hint.textContent = t(route.by === 'volunteer' ? ofVolunteers : 'coverage.by_relay_hint');
      const reach = reachOf(ctx, route);
      showThreshold(reach.thresholdMin);
      if (ctx.layers.get().streets !== route.by) {
        // Those whom the streets are measured from are shown with them.
        const asked = { streets: route.by, volunteers: route.by === 'volunteer', relays: route.by === 'relay' };
        ctx.layers.set({ ...ctx.layers.get(), ...asked });
      }
      const held = ctx.reach.get();
      if (held.by !== reach.by || held.profile !== reach.profile || held.thresholdMin !== reach.thresholdMin) {
        ctx.reach.set(reach);
      }
    }),
  );
  undo.add(
    ctx.layers.changed((layers) => {
      if (layers.streets === 'plain' || layers.streets === route.by) return;
      ctx.go({ ...route, by: layers.streets, thresholdMin: null }, 'replace');
    }),
  );
  undo.add(ctx.reach.watch(ask));
  undo.add(
    data.area.changed(() => {
      if (route.thresholdMin === null) ctx.reach.set(reachOf(ctx, route));
      showThreshold(ctx.reach.get().thresholdMin);
      ask();
    }),
  );
  undo.add(data.revision.changed(ask));
  undo.add(
    data.quarters.changed(() => {
      if (noQuarters() || figures.hidden) ask();
      else render();
    }),
  );
  undo.add(
    ctx.streetUnder.watch((under) => {
      const key = under === null ? null : keyOf(under);
      for (const row of list.querySelectorAll<HTMLElement>(ROW)) row.classList.toggle('row-hover', row.dataset['key'] === key);
      map.highlightStreet(under ?? selected);
    }),
  );
  undo.add(
    ctx.streetOpened.changed((street) => {
      if (street === null || !coverage) return;
      const key = keyOf(street);
      const found = coverage.streets.find((other) => keyOf(other) === key);
      if (!found) return;
      open(found, false);
      [...list.querySelectorAll<HTMLElement>(ROW)].find((row) => row.dataset['key'] === key)?.scrollIntoView({ block: 'nearest' });
    }),
  );
  undo.add(() => {
    asking.stop();
    map.highlightStreet(null);
    panel.clear();
  });
  return undo.empty;
};
