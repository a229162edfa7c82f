/// The visit sheet: one A4 page for a volunteer without a smartphone. It can be lost in the street, so it bears no family name
/// when a first name is known, no notes and no reason of the report.
import { fetchDetails } from '../api/client';
import type { LivedProps } from '../api/life';
import type { Case, CaseDetails } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute, type PlainRoute } from '../state/route';
import { codesOf, label, t } from '../text';
import { date, languages } from '../text/format';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox } from '../ui/problems';
import type { Enter } from './context';
import { idOf, source, today } from './desk-parts';
import { caseName } from './tones';

/// So many visits have room on one page.
const VISITS = 3;

export const enterSheet: Enter = (ctx) => {
  const undo = bag();
  const { data, panel } = ctx;
  let id = idOf((ctx.route.get() as PlainRoute).parts[0]);
  const state = h('div', {});
  const paper = h('article', { class: 'sheet', 'aria-label': t('sheet.title') });
  const back = h('a', { class: 'button button-quiet', href: '#/' }, icon('back'), t('sheet.back'));
  fill(
    panel.list,
    h(
      'div',
      { class: 'desk desk-paper' },
      h(
        'header',
        { class: 'panel-head' },
        h('h1', {}, t('sheet.title')),
        h('p', { class: 'lead' }, t('sheet.lead')),
        h('div', { class: 'desk-tools' }, back, h('button', { type: 'button', class: 'button button-main', on: { click: () => window.print() } }, icon('print'), t('sheet.print'))),
      ),
      state,
      paper,
    ),
  );

  function ticks(list: string): HTMLElement {
    return h('ul', { class: 'sheet-ticks' }, codesOf(list).map((code) => h('li', {}, label(list, code))));
  }

  function pair(term: string, ...value: Child[]): HTMLElement {
    return h('div', {}, h('dt', {}, term), h('dd', {}, value));
  }

  function blank(before: string): HTMLElement {
    return h('p', {}, before, h('span', { class: 'sheet-blank' }));
  }

  function visit(n: number): HTMLElement {
    return h(
      'section',
      { class: 'sheet-visit' },
      h('div', { class: 'sheet-line' }, h('h3', {}, t('sheet.visit', { n })), blank(t('sheet.date')), blank(t('sheet.next_blank'))),
      h(
        'dl',
        {},
        pair(t('sheet.how'), ticks('follow.kinds')),
        pair(t('sheet.noticed'), ticks('follow.impressions')),
        pair(t('sheet.notes'), h('span', { class: 'sheet-lines' }, h('span', {}), h('span', {})), h('small', {}, t('sheet.notes_hint'))),
      ),
    );
  }

  function show(details: CaseDetails): void {
    const one: Case | undefined = data.cases.get().value.find((other) => other.id === id);
    if (!one) {
      fill(paper, data.cases.get().status !== 'loading' && emptyBox(t('sheet.unknown'), t('coordination.unknown_next'), null));
      return;
    }
    const p: LivedProps = one.properties;
    const volunteer = data.volunteers.get().value.find((other) => other.id === p.volunteer_id)?.properties.name;
    const first = details.given_name.trim();
    // Without a first name the door could not be found by the bell.
    const known = first === '' ? (p.name.trim() === '' ? t(p.subject === 'family' ? 'sheet.family' : 'sheet.somebody') : caseName(one)) : first;
    const spoken = languages(details.languages);
    const needs = p.needs ?? [];
    fill(
      paper,
      h(
        'header',
        { class: 'sheet-head' },
        h('h2', {}, t('sheet.title')),
        h('p', {}, [volunteer === undefined ? null : t('sheet.for', { name: volunteer }), t('sheet.made', { date: date(today()) })].filter((text) => text !== null).join(' · ')),
      ),
      h(
        'dl',
        { class: 'sheet-facts' },
        pair(t('sheet.person'), h('strong', {}, known)),
        pair(t('sheet.address'), details.address === '' ? t('common.none') : details.address),
        pair(t('sheet.phone'), details.phone === '' ? t('common.none') : details.phone),
        spoken !== '' && pair(t('sheet.languages'), spoken),
        pair(t('sheet.needs'), (needs.length === 0 ? ['visite'] : needs).map((code) => label('follow.needs', code)).join(', ')),
        p.next_contact_on !== undefined && pair(t('sheet.next'), date(p.next_contact_on)),
        p.review_on !== undefined && pair(t('sheet.review'), date(p.review_on)),
      ),
      Array.from({ length: VISITS }, (_, i) => visit(i + 1)),
      h(
        'footer',
        { class: 'sheet-foot' },
        h('p', {}, h('strong', {}, t('sheet.emergency')), ' ', t('sheet.numbers')),
        h('p', {}, t('sheet.city')),
        h('p', {}, t('sheet.return')),
      ),
    );
  }

  const details = source<CaseDetails>(
    state,
    8,
    async (signal) => (await fetchDetails(id as number, signal)).value,
    show,
    ({ status }) => {
      if (status !== 404) return false;
      fill(paper, emptyBox(t('sheet.unknown'), t('coordination.unknown_next'), null));
      return true;
    },
  );

  function load(): void {
    back.setAttribute('href', formatRoute({ mode: 'coordination', view: id === null ? 'list' : 'case', id, filter: 'all' }));
    paper.replaceChildren();
    if (id === null) fill(paper, emptyBox(t('sheet.unknown'), t('coordination.unknown_next'), null));
    else details.load();
  }
  const again = (): void => {
    const value = details.value();
    if (value !== null && id !== null) show(value);
  };
  undo.add(data.cases.changed(again));
  undo.add(data.volunteers.changed(again));
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'sheet' || idOf(next.parts[0]) === id) return;
      id = idOf(next.parts[0]);
      load();
    }),
  );
  undo.add(details.drop);
  undo.add(() => panel.clear());
  load();
  return undo.empty;
};
