/// Signalements, for the phone desk: take a report, and search first, so that nobody is entered twice. Neither notes nor
/// situation are shown: the server does not give them to this role.
import { searchCases } from '../api/client';
import type { Case, FoundCase } from '../api/types';
import { bag } from '../state/cell';
import { isEmptyDraft, loadDraft, saveDraft } from '../state/draft';
import { formatRoute, type ReportsRoute } from '../state/route';
import { account, can, mayWrite } from '../state/session';
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
import { caseReports } from './case-reports';
import type { Enter } from './context';
import { emergencyButton } from './emergency';
import { said } from './refusals';
import { reportForm } from './report';
import { reasonTags } from './report-duplicates';
import { caseName, caseTone, placeName } from './tones';

const ROW = '.row';
const REST_MS = 150;
const SHOWN_MOST = 20;

export const enterReports: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as ReportsRoute;
  let query = '';
  let opened: string | null = null;
  let lastRow: number | null = null;
  let leaveDetail: () => void = () => undefined;

  // What the server finds: any writing of a phone, a typing error in a name. The list at hand answers at once meanwhile.
  let hits: readonly FoundCase[] = [];
  let asking: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function look(text: string): void {
    clearTimeout(timer);
    asking?.abort();
    hits = [];
    if (text.length < 2 || !can('accueil', 'coordination')) return;
    timer = setTimeout(() => {
      const mine = new AbortController();
      asking = mine;
      searchCases(text, SHOWN_MOST, mine.signal)
        .then((found) => {
          if (mine.signal.aborted) return;
          hits = found;
          render();
        })
        .catch(() => {
          // The list at hand has answered already.
        });
    }, REST_MS);
  }
  const search = searchField(t('reports.search'), (text) => {
    query = fold(text.trim());
    look(text.trim());
    render();
  });
  undo.add(() => {
    clearTimeout(timer);
    asking?.abort();
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
    const why = hits.find((hit) => hit.id === one.id)?.why;
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
            why !== undefined && query !== '' && reasonTags(why),
          ),
        ),
      ),
    );
  }

  function holds({ properties: p }: Case): boolean {
    return query === '' || fold(`${p.name} ${p.reference} ${p.address ?? ''} ${p.phone ?? ''} ${(p.phone ?? '').replace(/\D/g, '')}`).includes(query);
  }

  /// Nobody is known so: what was typed goes into the form.
  function newWith(text: string): HTMLElement {
    const isPhone = /^[\d\s.+()-]{4,}$/.test(text);
    return h(
      'button',
      {
        type: 'button',
        class: 'button',
        on: {
          click: () => {
            const author = account()?.id ?? 0;
            const draft = loadDraft(author);
            if (isEmptyDraft(draft)) saveDraft(author, { ...draft, [isPhone ? 'phone' : 'family_name']: text });
            ctx.go({ mode: 'reports', view: 'new', id: null });
          },
        },
      },
      icon('plus'),
      t('reports.new_with', { text }),
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
    const ranks = new Map(hits.map((hit, rank) => [hit.id, rank]));
    const rank = (one: Case): number => ranks.get(one.id) ?? SHOWN_MOST;
    const shown = state.value
      .filter((one) => ranks.has(one.id) || holds(one))
      .sort((a, b) => rank(a) - rank(b) || b.properties.reported_on.localeCompare(a.properties.reported_on) || b.id - a.id);
    fill(list, shown.map(row));
    settle(list, ROW);
    const text = tn('reports.count', shown.length, count(shown.length));
    total.textContent = shown.length === 0 ? '' : text;
    if (shown.length > 0) empty.replaceChildren();
    else if (state.value.length === 0) fill(empty, emptyBox(t('coordination.empty_all'), t('reports.empty_next'), null));
    else {
      const mayReport = mayWrite() && can('accueil', 'coordination');
      const text = search.input.value.trim();
      fill(empty, emptyBox(t('reports.empty_filter'), t('reports.empty_filter_next'), null, mayReport && text !== '' ? newWith(text) : undefined));
    }
    if (document.activeElement === search.input) announce(shown.length === 0 ? t('reports.empty_filter') : text, 500);
  }

  const back = (): void => ctx.go({ mode: 'reports', view: 'list', id: null });

  function detail(one: Case | undefined): HTMLElement {
    if (!one) return h('article', { class: 'detail' }, backButton(back), h('h2', { tabindex: '-1' }, t('coordination.unknown')), h('p', {}, t('coordination.unknown_next')));
    const p = one.properties;
    const tone = caseTone(one);
    const told = caseReports(one.id);
    leaveDetail = told.leave;
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
      told.element,
      p.notes === undefined && h('p', { class: 'hint' }, t('reports.not_shown')),
      p.notes === undefined && emergencyButton(),
    );
  }

  function show(): void {
    const wanted = route.view === 'case' ? `case-${route.id}` : route.view;
    if (wanted === opened) return;
    map.select('case', null);
    leaveDetail();
    leaveDetail = () => undefined;
    if (route.view === 'list') {
      const wasOpen = opened !== null;
      opened = null;
      panel.closeDetail();
      if (wasOpen) (list.querySelector<HTMLElement>(`[data-id="${lastRow}"]`) ?? panel.list).focus({ preventScroll: true });
      return;
    }
    if (route.view === 'new') {
      opened = wanted;
      const form = reportForm(ctx, back, (created) => {
        void data.refreshCases().then(() => ctx.go({ mode: 'reports', view: 'case', id: created.id }, 'replace'));
      });
      leaveDetail = form.leave;
      panel.openDetail(form.element, false);
      (form.element.querySelector<HTMLElement>('input') ?? form.element.querySelector<HTMLElement>('h2'))?.focus({ preventScroll: true });
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
    leaveDetail();
    map.select('case', null);
    map.hover('case', null);
    panel.clear();
  });
  return undo.empty;
};
