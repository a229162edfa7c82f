/// Relais: the shops and professionals who pass the word on.
import type { Relay } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute, type RelaysRoute } from '../state/route';
import { can } from '../state/session';
import { codesOf, label, t, tn } from '../text';
import { count, date, length } from '../text/format';
import { announce } from '../ui/announce';
import { backButton, fact, fold, searchField, select } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Enter } from './context';
import { said } from './refusals';
import { placeName, quarterName, relayTone } from './tones';

const ROW = '.row';
const byName = new Intl.Collator('fr', { numeric: true });
/// What a relay is looked for as. To those who do not keep the list all others are shown alike, without a kind.
const LOOKED_FOR = ['commercant', 'infirmier', 'kinesitherapeute', 'ambulancier'];

export const enterRelays: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as RelaysRoute;
  let query = '';
  let opened: number | null = null;

  const search = searchField(t('relays.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  const filters = h('div', { class: 'pair' });
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('relays.list') });
  const empty = h('div', {});
  const keeps = can('coordination', 'pilotage');
  const kinds = codesOf('relays.kinds').filter((code) => keeps || LOOKED_FOR.includes(code));
  walkable(list, ROW, search.input);
  fill(
    filters,
    select(
      t('relays.kind'),
      [{ value: '', label: t('relays.any_kind') }, ...kinds.map((code) => ({ value: code, label: label('relays.kinds', code) }))],
      route.kind ?? '',
      (value) => ctx.go({ ...route, id: null, kind: value === '' ? null : value }, 'replace'),
    ),
    select(
      t('relays.sticker'),
      [{ value: '', label: t('relays.any_sticker') }, ...codesOf('relays.stickers').map((code) => ({ value: code, label: label('relays.stickers', code) }))],
      route.sticker ?? '',
      (value) => ctx.go({ ...route, id: null, sticker: value === '' ? null : value }, 'replace'),
    ),
  );
  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('div', { class: 'panel-title' }, h('h1', {}, t('relays.title')), h('p', { class: 'lead' }, t('relays.lead'))),
      filters,
      search.element,
      total,
    ),
    list,
    empty,
  );

  function row(one: Relay): HTMLElement {
    const p = one.properties;
    return h(
      'li',
      {},
      h(
        'a',
        {
          class: 'row',
          href: formatRoute({ ...route, id: one.id }),
          'data-id': one.id,
          'aria-current': one.id === route.id ? 'true' : null,
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
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, p.name)),
          h(
            'span',
            { class: 'row-sub' },
            h('span', {}, label('relays.kinds', p.kind ?? '', 'relays.kind_other')),
            h('span', {}, placeName(data.quarters.get().value, p)),
            h('span', { class: `tag tag-${relayTone(one)}` }, label('relays.stickers', p.sticker ?? '', 'relays.in_window')),
          ),
        ),
      ),
    );
  }

  function render(): void {
    const state = data.relays.get();
    if (state.status === 'loading') {
      fill(empty, skeleton(6));
      return;
    }
    if (state.status === 'failed') {
      total.textContent = '';
      fill(empty, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const shown = state.value
      .filter(
        ({ properties: p }) =>
          (route.kind === null || p.kind === route.kind) &&
          (route.sticker === null || p.sticker === route.sticker) &&
          (query === '' || fold(`${p.name} ${p.address} ${p.reference ?? ''}`).includes(query)),
      )
      .sort((a, b) => byName.compare(a.properties.name, b.properties.name) || a.id - b.id);
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['id'] : undefined;
    fill(list, shown.map(row));
    settle(list, ROW);
    if (focused !== undefined) list.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
    const stickers = shown.filter((one) => one.properties.bears_a_sticker).length;
    const text = `${tn('relays.count', shown.length, count(shown.length))}, ${tn('relays.count_sticker', stickers, count(stickers))}`;
    total.textContent = shown.length === 0 ? '' : text;
    if (shown.length > 0) empty.replaceChildren();
    else if (state.value.length === 0) fill(empty, emptyBox(t('relays.empty'), t('relays.empty_next'), t('commands.relays')));
    else fill(empty, emptyBox(t('relays.empty_filter'), null, null));
    if (document.activeElement === search.input) announce(shown.length === 0 ? t('relays.empty_filter') : text, 500);
  }

  function back(): void {
    ctx.go({ ...route, id: null });
  }

  function detail(one: Relay): HTMLElement {
    const p = one.properties;
    const nearest = quarterName(data.quarters.get().value, p.nearest_quarter);
    const sticker = label('relays.stickers', p.sticker ?? '', 'relays.in_window');
    return h(
      'article',
      { class: 'detail' },
      backButton(back),
      h(
        'header',
        { class: 'detail-head' },
        symbol(`relay-${relayTone(one)}`),
        h(
          'div',
          {},
          h('h2', { tabindex: '-1' }, p.name),
          h('p', { class: 'detail-sub' }, p.reference !== undefined && h('span', { class: 'reference' }, p.reference), h('span', {}, label('relays.kinds', p.kind ?? '', 'relays.kind_other'))),
        ),
      ),
      p.sector === 'outside' &&
        nearest !== null &&
        p.nearest_quarter_m !== null &&
        h(
          'div',
          { class: 'callout callout-plain' },
          icon('map'),
          h(
            'div',
            {},
            h('strong', {}, t('case.outside_title')),
            h('p', {}, t('case.outside', { quarter: nearest, distance: length(p.nearest_quarter_m) })),
          ),
        ),
      can('coordination') &&
        h('a', { class: 'button button-quiet', href: formatRoute({ mode: 'sticker', parts: [String(one.id)], params: {} }) }, icon('relays'), t('sticker.open')),
      h(
        'dl',
        { class: 'facts' },
        p.address !== '' && fact(t('relays.address'), p.address),
        fact(t('case.quarter'), placeName(data.quarters.get().value, p)),
        p.premises !== undefined && fact(t('relays.premises'), t(p.premises ? 'relays.premises_yes' : 'relays.premises_no')),
        fact(t('relays.sticker'), p.sticker_on ? t('relays.since', { state: sticker, date: date(p.sticker_on) }) : sticker),
        p.bears_a_sticker !== undefined && fact(t('relays.counts'), t(p.bears_a_sticker ? 'relays.counts_yes' : 'relays.counts_no')),
      ),
    );
  }

  function show(focus: boolean): void {
    const state = data.relays.get();
    if (route.id === null) {
      const before = opened;
      opened = null;
      map.select('relay', null);
      panel.closeDetail();
      if (before !== null) {
        const target = list.querySelector<HTMLElement>(`[data-id="${before}"]`);
        if (target) target.focus();
        else panel.list.focus({ preventScroll: true });
      }
      return;
    }
    if (state.status === 'loading') return;
    const one = state.value.find((other) => other.id === route.id);
    opened = route.id;
    map.select('relay', one ? one.id : null);
    if (one?.geometry && focus) map.goTo(one.geometry.coordinates);
    panel.openDetail(
      one
        ? detail(one)
        : h('article', { class: 'detail' }, backButton(back), h('h2', { tabindex: '-1' }, t('relays.unknown')), h('p', {}, t('coordination.unknown_next'))),
      focus,
    );
  }

  if (route.id === null) map.fitAll();
  undo.add(
    data.relays.watch(() => {
      render();
      if (route.id !== null) show(opened !== route.id);
    }),
  );
  undo.add(data.quarters.changed(render));
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'relays') return;
      const same = next.id === route.id;
      route = next;
      render();
      if (!same) show(true);
    }),
  );
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
