/// Mes personnes: whom a volunteer accompanies, and who is proposed. Of somebody who is only proposed no more is known
/// than the quarter, about how long the walk is, and the languages: the server gives nothing else before a yes.
import type { Case } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute, type PeopleRoute } from '../state/route';
import { label, t } from '../text';
import { languages, walk } from '../text/format';
import { backButton } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import { caseFacts, dangerBanner, placeWarning } from './case-facts';
import type { Enter } from './context';
import { said } from './refusals';
import { caseName, caseTone, quarterName } from './tones';

const ROW = '.row';
const ENDED: ReadonlySet<string> = new Set(['closed', 'archived', 'purged']);

/// Somebody who is proposed, and of whom nothing more is told yet.
export function isProposal(one: Case): boolean {
  return one.properties.walking !== undefined;
}

export const enterPeople: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  let route = ctx.route.get() as PeopleRoute;
  let opened: number | null = null;
  const body = h('div', {});
  fill(
    panel.list,
    h('header', { class: 'panel-head' }, h('div', { class: 'panel-title' }, h('h1', {}, t('people.title')), h('p', { class: 'lead' }, t('people.lead')))),
    body,
  );
  walkable(body, ROW);

  const linkOf = (one: Case) => data.links.get().value.find((link) => link.properties.case_id === one.id);

  function proposal(one: Case): HTMLElement {
    const { quarter, walking = '', languages: codes = [] } = one.properties;
    const spoken = languages(codes);
    return h(
      'li',
      { class: 'proposal' },
      symbol('case-waiting'),
      h(
        'div',
        {},
        h('strong', {}, t('people.proposal_in', { quarter: quarterName(data.quarters.get().value, quarter) ?? t('common.none') })),
        h('p', {}, label('people.walking', walking)),
        spoken !== '' && h('p', {}, t('people.speaks', { languages: spoken })),
      ),
    );
  }

  function row(one: Case): HTMLElement {
    const p = one.properties;
    const link = linkOf(one);
    return h(
      'li',
      {},
      h(
        'a',
        { class: 'row row-tall', href: formatRoute({ mode: 'people', id: one.id }), 'data-id': one.id, 'aria-current': one.id === route.id ? 'true' : null },
        symbol(`case-${caseTone(one)}`),
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, caseName(one))),
          h('span', { class: 'row-sub' }, h('span', {}, p.address ?? ''), link && h('span', {}, walk(link.properties.duration_s, link.properties.length_m))),
        ),
      ),
    );
  }

  function group(title: string, content: Child): HTMLElement {
    return h('section', { class: 'group', 'aria-label': title }, h('h2', { class: 'section-title' }, title), content);
  }

  function render(): void {
    const state = data.cases.get();
    if (state.status === 'loading') {
      fill(body, skeleton(4));
      return;
    }
    if (state.status === 'failed') {
      fill(body, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const proposed = state.value.filter(isProposal);
    const own = state.value.filter((one) => !isProposal(one) && !ENDED.has(one.properties.state));
    const focused = Number((document.activeElement as HTMLElement | null)?.dataset['id']);
    fill(
      body,
      proposed.length > 0 &&
        group(t('people.proposed'), [
          h('ul', { class: 'proposals' }, proposed.map(proposal)),
          h('p', { class: 'hint group-hint' }, t('people.answer')),
        ]),
      own.length > 0 && group(t('people.own'), h('ul', { class: 'rows' }, own.map(row))),
      own.length === 0 && proposed.length === 0 && emptyBox(t('people.none'), t('people.none_next'), null),
    );
    settle(body, ROW);
    if (!Number.isNaN(focused)) body.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
  }

  const back = (): void => ctx.go({ mode: 'people', id: null });

  function detail(one: Case | undefined): HTMLElement {
    if (!one) return h('article', { class: 'detail' }, backButton(back), h('h2', { tabindex: '-1' }, t('people.unknown')), h('p', {}, t('coordination.unknown_next')));
    const { phone = '', signs = [] } = one.properties;
    const link = linkOf(one);
    return h(
      'article',
      { class: 'detail' },
      backButton(back),
      h(
        'header',
        { class: 'detail-head' },
        symbol(`case-${caseTone(one)}`),
        h(
          'div',
          {},
          h('h2', { tabindex: '-1' }, caseName(one)),
          link && h('p', { class: 'detail-sub' }, walk(link.properties.duration_s, link.properties.length_m)),
        ),
      ),
      phone !== '' && h('a', { class: 'button button-main button-big', href: `tel:${phone.replace(/[^+\d]/g, '')}` }, icon('call'), t('people.call', { phone })),
      h('div', { class: 'detail-warnings' }, dangerBanner(signs), placeWarning(ctx, one.properties)),
      h('section', { class: 'detail-facts', 'aria-label': t('case.facts') }, h('h3', {}, t('case.facts')), caseFacts(ctx, one)),
      h('p', { class: 'hint' }, t('people.worry')),
    );
  }

  function show(focus: boolean): void {
    if (route.id === null) {
      const before = opened;
      opened = null;
      map.select('case', null);
      map.showWays([], null);
      panel.closeDetail();
      if (before !== null) (body.querySelector<HTMLElement>(`[data-id="${before}"]`) ?? panel.list).focus({ preventScroll: true });
      return;
    }
    const state = data.cases.get();
    if (state.status === 'loading') return;
    const one = state.value.find((other) => other.id === route.id && !isProposal(other));
    opened = route.id;
    panel.openDetail(detail(one), focus);
    map.select('case', one ? one.id : null);
    const link = one && linkOf(one);
    const path = link?.geometry.coordinates ?? [];
    map.showWays(link ? [{ id: one.id, path, from: null, to: one.geometry?.coordinates ?? null }] : [], one?.id ?? null);
    if (!focus) return;
    if (path.length > 1) map.fitTo(path);
    else if (one?.geometry) map.goTo(one.geometry.coordinates);
  }

  if (route.id === null) map.fitAll();
  const again = (): void => {
    render();
    if (route.id !== null) show(opened !== route.id);
  };
  undo.add(data.cases.watch(again));
  undo.add(data.links.changed(again));
  undo.add(data.quarters.changed(render));
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'people') return;
      route = next;
      render();
      show(true);
    }),
  );
  undo.add(() => {
    map.select('case', null);
    map.showWays([], null);
    panel.clear();
  });
  return undo.empty;
};
