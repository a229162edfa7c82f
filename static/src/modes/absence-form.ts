/// "Noter une absence", for the coordination: who, which days, who could take over and who would be left, before anything is
/// written; then the absence, and the hand-overs that were chosen.
import { Refused } from '../api/client';
import { addAbsence, planAbsence } from '../api/follow';
import { type Plan, type PlanLine, proposeLines } from '../api/life';
import { label, t, tn } from '../text';
import { count, minutes } from '../text/format';
import { announce } from '../ui/announce';
import { type Child, fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox, type Said } from '../ui/problems';
import { daysFields } from './absences';
import { refusedMove, saidMove } from './act-done';
import type { Context } from './context';
import { form } from './desk-parts';
import { caseName } from './tones';
import { reasonAlone } from './suit';

export interface SavedAbsence {
  readonly id: number;
  readonly name: string;
  readonly days: { readonly from_on: string; readonly to_on: string };
  /// Cases that were proposed to somebody else.
  readonly handedOver: readonly number[];
}

export function absenceForm(ctx: Context, onSaved: (saved: SavedAbsence) => Promise<void>): HTMLElement {
  const id = freshId('away');
  const volunteers = [...ctx.data.volunteers.get().value].sort((a, b) => a.properties.name.localeCompare(b.properties.name, 'fr'));
  const who = h(
    'select',
    { id, 'aria-describedby': `${id}-error` },
    h('option', { value: '' }, t('away.who_choose')),
    volunteers.map((one) => h('option', { value: one.id }, one.properties.name)),
  );
  const whoError = h('p', { class: 'field-error', id: `${id}-error` });
  const planBox = h('div', { class: 'absence-plan', 'aria-live': 'polite' });
  let plan: Plan | null = null;
  let ticks: { readonly line: PlanLine; readonly input: HTMLInputElement }[] = [];

  /// Another person or other days: what was found no longer holds.
  function stale(): void {
    plan = null;
    ticks = [];
    planBox.replaceChildren();
  }
  const fields = daysFields(stale);
  who.addEventListener('change', () => {
    who.removeAttribute('aria-invalid');
    whoError.replaceChildren();
    stale();
  });

  const nameOf = (volunteer: number): string => volunteers.find((one) => one.id === volunteer)?.properties.name ?? '';
  const personOf = (caseId: number): Child[] => {
    const one = ctx.data.cases.get().value.find((other) => other.id === caseId);
    return one ? [h('strong', {}, caseName(one)), ' ', h('span', { class: 'reference' }, one.properties.reference)] : [t('coordination.nameless')];
  };

  function check(): boolean {
    if (who.value !== '') return fields.check();
    who.setAttribute('aria-invalid', 'true');
    fill(whoError, icon('warning'), h('span', {}, t('away.who_missing')));
    who.focus();
    return false;
  }

  function show(found: Plan): void {
    const name = nameOf(Number(who.value));
    ticks = found.lines.map((line) => ({ line, input: h('input', { type: 'checkbox' }) }));
    const empty = found.lines.length === 0 && found.unassigned.length === 0;
    const heading = h('h3', { tabindex: '-1' }, t('away.plan_title'));
    fill(
      planBox,
      heading,
      empty ? h('p', {}, t('away.plan_nobody', { name })) : h('p', { class: 'hint' }, t('away.plan_what', { name })),
      found.lines.length > 0 &&
        h(
          'fieldset',
          { class: 'choices' },
          h('legend', { class: 'field-label' }, tn('away.plan_count', found.lines.length, count(found.lines.length))),
          ticks.map(({ line, input }) =>
            h(
              'label',
              { class: 'choice' },
              input,
              h(
                'span',
                {},
                h('span', {}, personOf(line.case_id)),
                h(
                  'span',
                  { class: 'hint' },
                  line.duration_s === null
                    ? t('away.plan_line_plain', { name: line.name })
                    : t('away.plan_line', { name: line.name, walk: t('units.walk', { time: minutes(line.duration_s) }) }),
                ),
              ),
            ),
          ),
        ),
      found.unassigned.length > 0 && [
        h('p', { class: 'field-label' }, tn('away.plan_left', found.unassigned.length, count(found.unassigned.length))),
        h(
          'ul',
          { class: 'absence-left' },
          found.unassigned.map((left) => {
            const nearest = left.nearest[0];
            return h(
              'li',
              {},
              h('span', {}, personOf(left.case_id)),
              h('span', { class: 'hint' }, label('away.left', left.reason, 'away.left.nobody_suits')),
              nearest && h('span', { class: 'hint' }, t('away.nearest', { name: nearest.name, reason: reasonAlone(nearest.reason) })),
            );
          }),
        ),
      ],
    );
    heading.focus({ preventScroll: true });
    planBox.scrollIntoView({ block: 'nearest' });
    announce(empty ? t('away.plan_nobody', { name }) : tn('away.plan_count', found.lines.length, count(found.lines.length)));
  }

  let asking = false;
  async function look(): Promise<void> {
    if (asking || !check()) return;
    asking = true;
    ask.setAttribute('aria-disabled', 'true');
    try {
      plan = await planAbsence({ volunteer_id: Number(who.value), ...fields.days() });
      show(plan);
    } catch (error) {
      if (!(error instanceof Refused && fields.refused(error.problem.field))) fill(planBox, problemBox(saidMove(error), null));
    } finally {
      asking = false;
      ask.removeAttribute('aria-disabled');
    }
  }
  const ask = h('button', { type: 'button', class: 'button', on: { click: () => void look() } }, icon('search'), t('away.plan'));

  function inTheWay(field: string | undefined): Said | null {
    const caseId = /^case:(\d+)$/.exec(field ?? '')?.[1];
    const one = ctx.data.cases.get().value.find((other) => String(other.id) === caseId);
    return caseId === undefined ? null : { title: t('away.stands_in_the_way', { reference: one?.properties.reference ?? '' }), next: t('away.stands_in_the_way_next') };
  }

  return form({
    button: t('away.save'),
    content: [
      h('div', { class: 'field' }, h('label', { class: 'field-label', for: id }, t('away.who')), who, whoError),
      h('div', { class: 'pair absence-days' }, fields.elements),
      h('div', { class: 'form-actions' }, ask),
      planBox,
    ],
    check,
    async work() {
      const volunteer = Number(who.value);
      const days = fields.days();
      const chosen = ticks.filter(({ input }) => input.checked).map(({ line }) => line);
      // First what somebody may stand in the way of: then nothing is half done.
      if (chosen.length > 0) await proposeLines(chosen);
      const { id: made } = await addAbsence({ volunteer_id: volunteer, ...days });
      await onSaved({ id: made, name: nameOf(volunteer), days, handedOver: chosen.map((line) => line.case_id) });
    },
    refused: (problem) => fields.refused(problem.field) || (inTheWay(problem.field) ?? refusedMove(problem) ?? false),
  });
}
