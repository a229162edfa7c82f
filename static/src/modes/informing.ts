/// "Information": whoever was reported by somebody else is told within a month. The coordination notes that it was done, or
/// that the person refuses; the data-protection officer watches the clock. And the coordination watches the officer: whose
/// record was taken out for a request for access is told below.
import { fetchToInform, type HandedOver, noteInformed, noteRefusal, type ToInform } from '../api/desks';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { can, mayWrite } from '../state/session';
import { t, tn } from '../text';
import { count, date, dateTime } from '../text/format';
import { notice } from '../ui/announce';
import { fact } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { settle, walkable } from '../ui/walker';
import { clockTag, clockWords } from './clock-words';
import type { Enter } from './context';
import { confirmByReference, dateField, detailPage, failAt, form, hrefOf, idOf, listPage, nothing, openByAddress, part, pastDay, source, today, unknownPage } from './desk-parts';

const ROW = '.row';

export const enterInforming: Enter = (ctx) => {
  const undo = bag();
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('informing.list') });
  const state = h('div', {});
  const empty = h('div', {});
  walkable(list, ROW);
  const handedOver = h('div', {});
  fill(ctx.panel.list, listPage(t('informing.title'), t('informing.lead'), total, state, list, empty, handedOver));

  const ask = async (signal: AbortSignal): Promise<readonly ToInform[]> => {
    const answer = await fetchToInform(signal);
    fill(handedOver, answer.handed_over.length > 0 && told(answer.handed_over));
    return answer.cases;
  };
  const people = source<readonly ToInform[]>(state, 5, ask, (all) => {
    const inOrder = [...all].sort((a, b) => a.due_on.localeCompare(b.due_on) || a.case_id - b.case_id);
    fill(list, inOrder.map(row));
    settle(list, ROW);
    const late = all.filter((one) => one.overdue).length;
    total.textContent = all.length === 0 ? '' : tn('informing.count', all.length, count(all.length)) + (late > 0 ? `, ${tn('informing.count_late', late, count(late))}` : '');
    fill(empty, all.length === 0 && nothing(t('informing.empty'), t('informing.empty_next')));
    opened.arrive();
  });

  function told(all: readonly HandedOver[]): HTMLElement {
    const line = ({ at, reference, by_name }: HandedOver): string =>
      t('informing.handed_over_line', { at: dateTime(at), reference: reference ?? t('informing.handed_over_gone'), name: by_name ?? t('informing.handed_over_nobody') });
    return h(
      'section',
      { class: 'desk-part', 'aria-label': t('informing.handed_over') },
      h('h2', { class: 'section-title' }, t('informing.handed_over')),
      h('p', {}, t('informing.handed_over_what')),
      h('ul', {}, all.map((one) => h('li', {}, line(one)))),
    );
  }

  function row(one: ToInform): HTMLElement {
    return h(
      'li',
      {},
      h(
        'a',
        { class: 'row', href: hrefOf('informing', [one.case_id]), 'data-id': one.case_id },
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name reference' }, one.reference), clockTag(one.days_left)),
          h('span', { class: 'row-sub' }, h('span', {}, t('informing.reported', { date: date(one.reported_on) }))),
        ),
      ),
    );
  }

  /// What was done takes the person off the list.
  function done(one: ToInform, text: string): void {
    people.set((people.value() ?? []).filter((other) => other.case_id !== one.case_id));
    notice(text, null, 'good');
    opened.back();
    void ctx.data.refresh();
  }

  function act(one: ToInform): HTMLElement[] {
    const on = dateField(t('informing.informed_on'), t('informing.informed_hint'), today());
    const wrong = t('informing.informed_wrong');
    return [
      part(
        t('informing.say'),
        h('ol', { class: 'steps' }, h('li', {}, t('informing.say_1')), h('li', {}, t('informing.say_2')), h('li', {}, t('informing.say_3')), h('li', {}, t('informing.say_4'))),
      ),
      part(
        t('informing.informed'),
        form({
          button: t('informing.informed_do'),
          content: [on.element],
          check: () => (pastDay(on.input.value) && on.input.value >= one.reported_on) || failAt(on, wrong),
          async work() {
            await noteInformed(one.case_id, on.input.value);
            done(one, t('informing.informed_done', { reference: one.reference }));
          },
          refused: ({ field }) => field === 'on' && !failAt(on, wrong),
        }),
      ),
      part(
        t('informing.refuse'),
        h('p', {}, t('informing.refuse_what')),
        h('p', {}, h('strong', {}, t('desk.irreversible'))),
        confirmByReference(one.reference, t('informing.refuse_do', { reference: one.reference }), async () => {
          await noteRefusal(one.case_id);
          done(one, t('informing.refuse_done', { reference: one.reference }));
        }),
      ),
    ];
  }

  function detail(one: ToInform): HTMLElement {
    return detailPage(
      opened.back,
      t('informing.detail', { reference: one.reference }),
      clockTag(one.days_left),
      h(
        'dl',
        { class: 'facts' },
        fact(t('informing.reported_fact'), date(one.reported_on)),
        fact(t('informing.due'), t('informing.due_by', { date: date(one.due_on) }), h('span', { class: 'visually-hidden' }, ` (${clockWords(one.days_left)})`)),
        can('coordination') &&
          fact(
            t('informing.reference'),
            h('a', { class: 'inline-link', href: formatRoute({ mode: 'coordination', view: 'case', id: one.case_id, filter: 'all' }) }, t('informing.open_case', { reference: one.reference })),
          ),
      ),
      can('coordination') ? mayWrite() && act(one) : h('p', { class: 'callout callout-plain' }, t('informing.dpo')),
    );
  }

  const opened = openByAddress(ctx, 'informing', ([first]) => {
    const all = people.value();
    if (all === null) return null;
    const one = all.find((other) => other.case_id === idOf(first));
    return one ? detail(one) : unknownPage(opened.back, t('informing.unknown'));
  });

  undo.add(opened.drop);
  undo.add(people.drop);
  undo.add(() => ctx.panel.clear());
  opened.arrive();
  people.load();
  return undo.empty;
};
