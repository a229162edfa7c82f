/// Signalements, for the phone desk: take a report, and search first, so that nobody is entered twice. Neither notes nor
/// situation are shown: the server does not give them to this role.
import type { Case } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute, type ReportsRoute } from '../state/route';
import { can, mayWrite } from '../state/session';
import { label, t, tn } from '../text';
import { count, date, shortDate } from '../text/format';
import { announce } from '../ui/announce';
import { backButton, fold, searchField } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import { caseFacts, dangerBanner, placeWarning } from './case-facts';
import type { Enter } from './context';
import { emergencyButton } from './emergency';
import { said } from './refusals';
import { reportForm } from './report';
import { caseName, caseTone, placeName } from './tones';

const ROW = '.row';

export const enterReports: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as ReportsRoute;
  let query = '';
  let opened: string | null = null;
  let lastRow: number | null = null;

  const search = searchField(t('reports.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('reports.list') });
  const empty = h('div', {});
  walkable(list, ROW, search.input);
  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('div', { class: 'panel-title' }, h('h1', {}, t('reports.title')), h('p', { class: 'lead' }, t('reports.lead'))),
      search.element,
      mayWrite() && can('accueil', 'coordination') && h('a', { class: 'button button-main', href: formatRoute({ mode: 'reports', view: 'new', id: null }) }, icon('plus'), t('coordination.new')),
      total,
    ),
    list,
    empty,
  );

  function row(one: Case): HTMLElement {
    const p = one.properties;
    const tone = caseTone(one);
    return h(
      'li',
      {},
      h(
        'a',
        {
          class: 'row',
          href: formatRoute({ mode: 'reports', view: 'case', id: one.id }),
          'data-id': one.id,
          'aria-current': one.id === route.id ? 'true' : null,
          on: {
            mouseenter: () => map.hover('case', one.id),
            mouseleave: () => map.hover('case', null),
            focus: () => map.hover('case', one.id),
            blur: () => map.hover('case', null),
          },
        },
        symbol(`case-${tone}`),
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, caseName(one)), h('span', { class: 'row-date' }, shortDate(p.reported_on))),
          h(
            'span',
            { class: 'row-sub' },
            h('span', { class: 'reference' }, p.reference),
            h('span', {}, p.address === undefined || p.address === '' ? placeName(data.quarters.get().value, p) : p.address),
            h('span', { class: `tag tag-${tone === 'danger' ? 'waiting' : tone}` }, label('case.states', p.state)),
          ),
        ),
      ),
    );
  }

  function render(): void {
    const state = data.cases.get();
    list.toggleAttribute('aria-busy', state.status === 'loading');
    if (state.status === 'loading') {
      fill(empty, skeleton(6));
      return;
    }
    if (state.status === 'failed') {
      fill(empty, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const shown = state.value
      .filter(({ properties: p }) => query === '' || fold(`${p.name} ${p.reference} ${p.address ?? ''} ${p.phone ?? ''} ${(p.phone ?? '').replace(/\D/g, '')}`).includes(query))
      .sort((a, b) => b.properties.reported_on.localeCompare(a.properties.reported_on) || b.id - a.id);
    fill(list, shown.map(row));
    settle(list, ROW);
    const text = tn('reports.count', shown.length, count(shown.length));
    total.textContent = shown.length === 0 ? '' : text;
    if (shown.length > 0) empty.replaceChildren();
    else if (state.value.length === 0) fill(empty, emptyBox(t('coordination.empty_all'), t('reports.empty_next'), null));
    else fill(empty, emptyBox(t('reports.empty_filter'), t('reports.empty_filter_next'), null));
    if (document.activeElement === search.input) announce(shown.length === 0 ? t('reports.empty_filter') : text, 500);
  }

  const back = (): void => ctx.go({ mode: 'reports', view: 'list', id: null });

  function detail(one: Case | undefined): HTMLElement {
    if (!one) return h('article', { class: 'detail' }, backButton(back), h('h2', { tabindex: '-1' }, t('coordination.unknown')), h('p', {}, t('coordination.unknown_next')));
    const p = one.properties;
    const tone = caseTone(one);
    return h(
      'article',
      { class: 'detail' },
      backButton(back),
      h(
        'header',
        { class: 'detail-head' },
        symbol(`case-${tone}`),
        h(
          'div',
          {},
          h('h2', { tabindex: '-1' }, caseName(one)),
          h(
            'p',
            { class: 'detail-sub' },
            h('span', { class: 'reference' }, p.reference),
            h('span', { class: `tag tag-${tone === 'danger' ? 'waiting' : tone}` }, label('case.states', p.state)),
            h('span', {}, t('coordination.reported', { date: date(p.reported_on) })),
          ),
        ),
      ),
      h('div', { class: 'detail-warnings' }, dangerBanner(p.signs ?? []), placeWarning(ctx, p)),
      h('section', { class: 'detail-facts', 'aria-label': t('case.facts') }, h('h3', {}, t('case.facts')), caseFacts(ctx, one)),
      p.notes === undefined && h('p', { class: 'hint' }, t('reports.not_shown')),
      p.notes === undefined && emergencyButton(),
    );
  }

  function show(): void {
    const wanted = route.view === 'case' ? `case-${route.id}` : route.view;
    if (wanted === opened) return;
    map.select('case', null);
    if (route.view === 'list') {
      const wasOpen = opened !== null;
      opened = null;
      panel.closeDetail();
      if (wasOpen) (list.querySelector<HTMLElement>(`[data-id="${lastRow}"]`) ?? panel.list).focus({ preventScroll: true });
      return;
    }
    if (route.view === 'new') {
      opened = wanted;
      const form = reportForm(back, (created) => {
        void data.refreshCases().then(() => ctx.go({ mode: 'reports', view: 'case', id: created.id }, 'replace'));
      });
      panel.openDetail(form, false);
      (form.querySelector<HTMLElement>('input') ?? form.querySelector<HTMLElement>('h2'))?.focus({ preventScroll: true });
      return;
    }
    const state = data.cases.get();
    if (state.status === 'loading') return;
    opened = wanted;
    lastRow = route.id;
    const one = state.value.find((other) => other.id === route.id);
    map.select('case', one ? one.id : null);
    if (one?.geometry) map.goTo(one.geometry.coordinates);
    panel.openDetail(detail(one), true);
  }

  undo.add(
    data.cases.watch(() => {
      render();
      if (route.view === 'case') opened = null;
      show();
    }),
  );
  undo.add(data.quarters.changed(render));
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'reports') return;
      route = next;
      render();
      show();
    }),
  );
  undo.add(
    ctx.pointUnder.watch((under) => {
      for (const link of list.querySelectorAll<HTMLElement>(ROW)) {
        link.classList.toggle('row-hover', under?.kind === 'case' && Number(link.dataset['id']) === under.id);
      }
    }),
  );
  undo.add(() => {
    map.select('case', null);
    map.hover('case', null);
    panel.clear();
  });
  return undo.empty;
};
