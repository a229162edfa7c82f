/// Signed out: how to report somebody, and which shops and professionals bear the sticker. The list comes first, the map
/// is its twin. Nothing here is anybody's.
import type { Relay } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { label, t, tn } from '../text';
import { count } from '../text/format';
import { announce } from '../ui/announce';
import { backButton, fact, fold, searchField } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Enter } from './context';
import { said } from './refusals';
import { placeName, quarterName, relayTone } from './tones';

const ROW = '.row';
const PHONE = '+33235194545';
const byName = new Intl.Collator('fr', { numeric: true });

function numbers(text: string, ...calls: readonly (readonly [href: string, number: string])[]): HTMLElement {
  return h(
    'li',
    {},
    h('span', { class: 'urgent-numbers' }, calls.map(([href, number]) => h('a', { href }, number))),
    h('span', {}, text),
  );
}

function howToReport(): HTMLElement {
  return h(
    'section',
    { class: 'call', 'aria-label': t('public.report') },
    h('h2', {}, t('public.report')),
    h('a', { class: 'call-number', href: `tel:${PHONE}` }, icon('call'), t('public.number')),
    h('p', { class: 'call-hours' }, t('public.hours')),
    h('p', {}, t('public.report_how')),
    h('h3', { class: 'urgent-title' }, icon('warning'), t('public.urgent')),
    h(
      'ul',
      { class: 'urgent' },
      numbers(t('public.danger'), ['tel:15', '15'], ['tel:112', '112']),
      numbers(t('public.suicide'), ['tel:3114', '3114']),
      numbers(t('public.danger_sms'), ['sms:114', '114']),
      numbers(t('public.child'), ['tel:119', '119']),
    ),
    h('h3', { class: 'by-sticker' }, t('public.by_sticker')),
    h(
      'ul',
      { class: 'by-sticker-links' },
      h('li', {}, h('a', { href: formatRoute({ mode: 'relay_report', parts: [], params: {} }) }, t('public.by_sticker_report'))),
      h('li', {}, h('a', { href: formatRoute({ mode: 'receipt', parts: [], params: {} }) }, t('public.by_sticker_follow'))),
    ),
  );
}

export const enterPublic: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let query = '';
  let wanted: number | null = null;
  let opened: number | null = null;

  const search = searchField(t('public.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('public.relays') });
  const empty = h('div', {});
  walkable(list, ROW, search.input);
  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('div', { class: 'panel-title' }, h('h1', {}, t('public.title')), h('p', { class: 'lead' }, t('public.lead'))),
      howToReport(),
      h('div', {}, h('h2', { class: 'section-title', id: 'relais' }, t('public.relays')), h('p', { class: 'lead' }, t('public.relays_lead'))),
      search.element,
      total,
    ),
    list,
    empty,
  );

  const where = (one: Relay): string => {
    const { address = '' } = one.properties;
    const quarter = placeName(data.quarters.get().value, one.properties);
    return address === '' ? quarter : `${address} · ${quarter}`;
  };

  function row(one: Relay): HTMLElement {
    return h(
      'li',
      {},
      h(
        'a',
        {
          class: 'row',
          href: formatRoute({ mode: 'relays', id: one.id, kind: null, sticker: null }),
          'data-id': one.id,
          'aria-current': one.id === wanted ? 'true' : null,
          on: {
            mouseenter: () => map.hover('relay', one.id),
            mouseleave: () => map.hover('relay', null),
            focus: () => map.hover('relay', one.id),
            blur: () => map.hover('relay', null),
          },
        },
        symbol(`relay-${relayTone(one)}`),
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, one.properties.name)),
          h('span', { class: 'row-sub' }, h('span', {}, label('relays.kinds', one.properties.kind ?? '', 'relays.kind_other')), h('span', {}, where(one))),
        ),
      ),
    );
  }

  function render(): void {
    const state = data.relays.get();
    if (state.status === 'loading') {
      fill(empty, skeleton(5));
      return;
    }
    if (state.status === 'failed') {
      fill(empty, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const shown = state.value
      .filter((one) => query === '' || fold(`${one.properties.name} ${where(one)} ${label('relays.kinds', one.properties.kind ?? '', 'relays.kind_other')}`).includes(query))
      .sort((a, b) => byName.compare(a.properties.name, b.properties.name));
    fill(list, shown.map(row));
    settle(list, ROW);
    total.textContent = shown.length === 0 ? '' : tn('public.count', shown.length, count(shown.length));
    if (shown.length > 0) empty.replaceChildren();
    else fill(empty, state.value.length === 0 ? emptyBox(t('public.none'), t('public.none_next'), null) : emptyBox(t('relays.empty_filter'), t('public.empty_next'), null));
    if (document.activeElement === search.input) announce(shown.length === 0 ? t('relays.empty_filter') : total.textContent, 500);
  }

  const back = (): void => ctx.go({ mode: 'relays', id: null, kind: null, sticker: null });

  function detail(one: Relay | undefined): HTMLElement {
    if (!one) return h('article', { class: 'detail' }, backButton(back), h('h2', { tabindex: '-1' }, t('relays.unknown')), h('p', {}, t('coordination.unknown_next')));
    const p = one.properties;
    return h(
      'article',
      { class: 'detail' },
      backButton(back),
      h(
        'header',
        { class: 'detail-head' },
        symbol(`relay-${relayTone(one)}`),
        h('div', {}, h('h2', { tabindex: '-1' }, p.name), h('p', { class: 'detail-sub' }, label('relays.kinds', p.kind ?? '', 'relays.kind_other'))),
      ),
      h(
        'dl',
        { class: 'facts' },
        p.address !== '' && fact(t('relays.address'), p.address),
        fact(t('case.quarter'), quarterName(data.quarters.get().value, p.quarter) ?? placeName(data.quarters.get().value, p)),
        fact(t('relays.sticker'), t('public.sticker')),
      ),
      h('p', {}, t('public.relay_help')),
    );
  }

  function show(focus: boolean): void {
    if (wanted === null) {
      const before = opened;
      opened = null;
      map.select('relay', null);
      panel.closeDetail();
      if (before !== null) list.querySelector<HTMLElement>(`[data-id="${before}"]`)?.focus();
      return;
    }
    const state = data.relays.get();
    if (state.status === 'loading') return;
    const one = state.value.find((other) => other.id === wanted);
    opened = wanted;
    map.select('relay', one ? one.id : null);
    if (one?.geometry && focus) map.goTo(one.geometry.coordinates);
    panel.openDetail(detail(one), focus);
  }

  map.fitAll();
  undo.add(
    ctx.route.watch((route) => {
      if (route.mode !== 'home' && route.mode !== 'relays') return;
      wanted = route.mode === 'relays' ? route.id : null;
      render();
      show(opened !== wanted);
    }),
  );
  const again = (): void => {
    render();
    if (wanted !== null) show(opened !== wanted);
  };
  undo.add(data.relays.changed(again));
  undo.add(data.quarters.changed(again));
  undo.add(
    ctx.pointUnder.watch((under) => {
      for (const link of list.querySelectorAll<HTMLElement>(ROW)) {
        link.classList.toggle('row-hover', under?.kind === 'relay' && Number(link.dataset['id']) === under.id);
      }
    }),
  );
  undo.add(() => {
    map.select('relay', null);
    map.hover('relay', null);
    panel.clear();
  });
  return undo.empty;
};
