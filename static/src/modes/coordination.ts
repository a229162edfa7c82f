/// Coordination: who waits for somebody, and who is closest on foot.
import type { Case } from '../api/types';
import { bag } from '../state/cell';
import { type CaseFilter, type CoordinationRoute, formatRoute } from '../state/route';
import { mayWrite } from '../state/session';
import { label, t, tn } from '../text';
import { count, shortDate } from '../text/format';
import { announce } from '../ui/announce';
import { backButton, chips, fold, searchField } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import { caseCorrect } from './case-correct';
import { type CaseDetail, caseDetail } from './case-detail';
import type { Enter } from './context';
import { dangerAlert } from './danger-alert';
import { hrefOf } from './desk-parts';
import { said } from './refusals';
import { reportForm } from './report';
import { caseName, caseTone, held, placeName, waits } from './tones';

const ROW = '.row';

function belongs(one: Case, filter: CaseFilter): boolean {
  switch (filter) {
    case 'waiting':
      return waits(one);
    case 'accompanied':
      return held(one);
    case 'outside':
      return one.properties.sector === 'outside';
    case 'all':
      return true;
  }
}

/// Danger first; then those who wait longest, or else the newest.
function inOrder(cases: readonly Case[], filter: CaseFilter): Case[] {
  const sign = filter === 'waiting' ? 1 : -1;
  return [...cases].sort(
    (a, b) =>
      Number(caseTone(b) === 'danger') - Number(caseTone(a) === 'danger') ||
      sign * a.properties.reported_on.localeCompare(b.properties.reported_on) ||
      a.id - b.id,
  );
}

export const enterCoordination: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as CoordinationRoute;
  let query = '';
  let detail: CaseDetail | null = null;
  let leaveForm: () => void = () => undefined;
  let opened: string | null = null;
  let lastRow: number | null = null;

  const filterChips = chips<CaseFilter>(
    t('coordination.filters'),
    (['waiting', 'accompanied', 'outside', 'all'] as const).map((value) => ({
      value,
      label: t(`coordination.filter.${value}`),
    })),
    route.filter,
    (filter) => ctx.go({ ...route, view: 'list', id: null, filter }, 'replace'),
  );
  const search = searchField(t('coordination.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  const alert = dangerAlert();
  const total = h('p', { class: 'count' });
  const batch = h('div', { class: 'batch-open' });
  const list = h('ul', { class: 'rows', 'aria-label': t('coordination.list') });
  const empty = h('div', {});
  walkable(list, ROW, search.input);

  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('div', { class: 'panel-title' }, h('h1', {}, t('coordination.title')), h('p', { class: 'lead' }, t('coordination.lead'))),
      mayWrite() && h('a', { class: 'button button-main', href: formatRoute({ ...route, view: 'new', id: null }) }, icon('plus'), t('coordination.new')),
      alert.element,
      filterChips.element,
      search.element,
      batch,
      total,
    ),
    list,
    empty,
  );

  function row(one: Case): HTMLElement {
    const p = one.properties;
    const tone = caseTone(one);
    const quarters = data.quarters.get().value;
    return h(
      'li',
      {},
      h(
        'a',
        {
          class: 'row',
          href: formatRoute({ ...route, view: 'case', id: one.id }),
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
          h(
            'span',
            { class: 'row-main' },
            h('span', { class: 'row-name' }, caseName(one)),
            h('span', { class: 'row-date' }, shortDate(p.reported_on)),
          ),
          h(
            'span',
            { class: 'row-sub' },
            h('span', { class: 'reference' }, p.reference),
            h('span', {}, placeName(quarters, p)),
            tone === 'danger' && h('span', { class: 'tag tag-danger' }, t('coordination.danger')),
            h('span', { class: `tag tag-${tone === 'danger' ? 'waiting' : tone}` }, label('case.states', p.state)),
          ),
        ),
      ),
    );
  }

  function visible(): Case[] {
    const cases = data.cases.get().value;
    return inOrder(
      cases.filter(
        (one) =>
          belongs(one, route.filter) &&
          (query === '' ||
            fold(`${one.properties.name} ${one.properties.reference} ${one.properties.address ?? ''}`).includes(query)),
      ),
      route.filter,
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
      total.textContent = '';
      fill(empty, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const cases = state.value;
    alert.show(cases);
    filterChips.counts({
      waiting: count(cases.filter((one) => belongs(one, 'waiting')).length),
      accompanied: count(cases.filter((one) => belongs(one, 'accompanied')).length),
      outside: count(cases.filter((one) => belongs(one, 'outside')).length),
      all: count(cases.length),
    });
    const ready = cases.filter((one) => one.properties.state === 'qualified' && one.properties.danger !== true).length;
    fill(batch, route.filter === 'waiting' && ready > 0 && mayWrite() && h('a', { class: 'button', href: hrefOf('batch') }, tn('batch.open', ready, count(ready))));
    const rows = visible();
    const focused = list.contains(document.activeElement)
      ? Number((document.activeElement as HTMLElement).dataset['id'])
      : null;
    fill(list, rows.map(row));
    settle(list, ROW);
    if (focused !== null) list.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
    const text = tn(
      route.filter === 'waiting' && query === '' ? 'coordination.count_waiting' : 'coordination.count',
      rows.length,
      count(rows.length),
    );
    total.textContent = rows.length === 0 ? '' : text;
    if (rows.length > 0) empty.replaceChildren();
    else if (cases.length === 0)
      fill(empty, emptyBox(t('coordination.empty_all'), t('coordination.empty_all_next'), t('commands.cases')));
    else if (query === '' && route.filter === 'waiting') fill(empty, emptyBox(t('coordination.empty_waiting'), null, null));
    else {
      fill(
        empty,
        emptyBox(
          t('coordination.empty_filter'),
          null,
          null,
          h(
            'button',
            {
              type: 'button',
              class: 'button button-quiet',
              on: {
                click: () => {
                  search.input.value = '';
                  query = '';
                  ctx.go({ ...route, filter: 'all' }, 'replace');
                  render();
                  search.input.focus();
                },
              },
            },
            t('common.clear_filters'),
          ),
        ),
      );
    }
    if (document.activeElement === search.input) announce(rows.length === 0 ? t('coordination.empty_filter') : text, 500);
  }

  function backToList(): void {
    ctx.go({ ...route, view: 'list', id: null });
  }

  function leaveDetail(): void {
    detail?.leave();
    detail = null;
    leaveForm();
    leaveForm = () => undefined;
    opened = null;
  }

  function show(): void {
    const wanted = route.id === null ? route.view : `${route.view}-${route.id}`;
    if (wanted === opened) return;
    if (route.view === 'list') {
      const wasOpen = opened !== null;
      leaveDetail();
      panel.closeDetail();
      if (wasOpen) {
        const row = lastRow === null ? null : list.querySelector<HTMLElement>(`[data-id="${lastRow}"]`);
        if (row) {
          settle(list, ROW);
          row.focus();
        } else panel.list.focus({ preventScroll: true });
      }
      return;
    }
    if (route.view === 'new') {
      leaveDetail();
      opened = wanted;
      const form = reportForm(ctx, backToList, (created) => {
        void data.refreshCases().then(() => ctx.go({ ...route, view: 'case', id: created.id, filter: 'waiting' }, 'replace'));
      });
      leaveForm = form.leave;
      panel.openDetail(form.element, false);
      (form.element.querySelector<HTMLElement>('input') ?? form.element.querySelector<HTMLElement>('h2'))?.focus({ preventScroll: true });
      return;
    }
    const state = data.cases.get();
    if (state.status === 'loading') return;
    leaveDetail();
    opened = wanted;
    lastRow = route.id;
    const one = state.value.find((other) => other.id === route.id);
    if (one && route.view === 'correct') {
      const backToCase = (): void => ctx.go({ ...route, view: 'case' });
      const saved = (): void => void data.refreshCases().then(backToCase);
      const form = caseCorrect(one.id, one.properties.reference, backToCase, saved);
      leaveForm = form.leave;
      panel.openDetail(form.element, true);
    } else if (one) {
      detail = caseDetail(ctx, one, formatRoute({ ...route, view: 'correct' }), backToList);
      panel.openDetail(detail.element, true);
    } else {
      panel.openDetail(
        h(
          'article',
          { class: 'detail' },
          backButton(backToList),
          h('h2', { tabindex: '-1' }, t('coordination.unknown')),
          h('p', {}, t('coordination.unknown_next')),
        ),
        true,
      );
    }
  }

  undo.add(
    data.cases.watch(() => {
      render();
      if (detail) detail.refresh();
      else if (route.view === 'case' || (route.view === 'correct' && opened === null)) {
        // An unknown case may have just arrived.
        if (data.cases.get().value.some((one) => one.id === route.id)) opened = null;
        show();
      }
    }),
  );
  const rename = (): void => detail?.rename();
  undo.add(data.quarters.changed(rename));
  undo.add(data.volunteers.changed(rename));
  undo.add(data.links.changed(rename));
  undo.add(data.quarters.changed(render));
  let knownRevision = data.revision.get();
  undo.add(
    data.revision.changed((revision) => {
      // The first one only says that everything has arrived.
      if (knownRevision !== null) detail?.rematch();
      knownRevision = revision;
    }),
  );
  undo.add(
    ctx.route.watch((next) => {
      if (next.mode !== 'coordination') return;
      const refilter = next.filter !== route.filter || next.id !== route.id;
      route = next;
      filterChips.choose(route.filter);
      if (refilter) render();
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
    leaveDetail();
    map.hover('case', null);
    panel.clear();
  });
  return undo.empty;
};
