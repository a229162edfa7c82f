/// What was done for somebody: visits and calls, institutions that were asked, and each step with who, when and why.
import { addReferral, type Life, type MoveLine, noteOutcome, type Referral, type VisitLine } from '../api/life';
import { mayWrite } from '../state/session';
import { codesOf, label, t } from '../text';
import { date, dateTime } from '../text/format';
import { type Child, fill, h } from '../ui/dom';
import { textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { choiceField, dateField, failAt, form, part, pastDay, today } from './desk-parts';
import { moveWords } from './life-words';

/// So many steps are shown at once.
const RECENT = 6;
const INSTITUTION_MAX = 200;

export interface LifeRecord {
  readonly element: HTMLElement;
  draw(life: Life): void;
}

function stepLine(move: MoveLine): HTMLElement {
  const words = moveWords(move);
  return h(
    'li',
    { class: move.undone ? 'step step-undone' : 'step' },
    h('span', { class: 'step-what' }, move.undone ? h('s', {}, words) : words, move.undone && h('span', { class: 'tag' }, t('life.taken_back'))),
    h('span', { class: 'step-when' }, dateTime(move.at), ' ', move.who === null ? t('life.by_service') : t('life.by', { who: move.who })),
    move.note !== '' && h('span', { class: 'step-note notes' }, move.note),
  );
}

function visitLine(visit: VisitLine): HTMLElement {
  const kind = label('life.kind', visit.kind);
  return h(
    'li',
    { class: 'step' },
    h('span', { class: 'step-what' }, visit.volunteer === null ? kind : t('life.visit_by', { kind, name: visit.volunteer })),
    h('span', { class: 'step-when' }, date(visit.on)),
    visit.impressions.length > 0 && h('span', { class: 'row-tags step-tags' }, visit.impressions.map((code) => h('span', { class: 'tag' }, label('life.impression', code)))),
    visit.note !== '' && h('span', { class: 'step-note notes' }, visit.note),
  );
}

function steps(all: readonly HTMLElement[], none: string): Child {
  if (all.length === 0) return h('p', { class: 'hint' }, none);
  const rest = all.slice(RECENT);
  return [
    h('ol', { class: 'steps-list', reversed: true }, all.slice(0, RECENT)),
    rest.length > 0 && h('details', { class: 'life-more' }, h('summary', {}, t('common.more')), h('ol', { class: 'steps-list', reversed: true }, rest)),
  ];
}

/// `done` says what was noted and asks for the life again.
export function lifeRecord(caseId: number, done: (text: string) => void): LifeRecord {
  const visits = h('div', { class: 'life-part' });
  const referrals = h('ul', { class: 'steps-list' });
  const noReferral = h('p', { class: 'hint' });
  const add = h('div', {});
  const history = h('div', { class: 'life-part' });
  const element = h('div', { class: 'life-record' }, part(t('life.visits'), visits), part(t('life.referrals'), noReferral, referrals, add), part(t('life.history'), history));
  /// Whose answer is being typed: it is not drawn anew meanwhile.
  let answering: number | null = null;

  function quiet(text: string, name: string, onClick: () => void): HTMLElement {
    return h('button', { type: 'button', class: 'button button-quiet', 'aria-label': name === text ? undefined : name, on: { click: onClick } }, text);
  }

  function leave(onClick: () => void): HTMLElement {
    return h('button', { type: 'button', class: 'button button-quiet', on: { click: onClick } }, t('common.leave_it'));
  }

  function addButton(focus: boolean): void {
    const button = h('button', { type: 'button', class: 'button button-quiet', on: { click: addForm } }, icon('plus'), t('life.referral_add'));
    fill(add, mayWrite() && button);
    if (focus) button.focus();
  }

  function addForm(): void {
    const name = textField({ label: t('life.referral_name'), hint: t('life.referral_name_hint'), autocomplete: 'off' });
    const day = dateField(t('life.referral_day'), t('life.form.day_hint'), today());
    fill(
      add,
      form({
        button: t('life.referral_save'),
        busy: t('life.form.working'),
        content: [name.element, day.element],
        aside: leave(() => addButton(true)),
        check() {
          const length = [...name.input.value.trim()].length;
          if (length === 0 || length > INSTITUTION_MAX) return failAt(name, t('life.referral_name_missing'));
          return pastDay(day.input.value) || failAt(day, t('desk.wrong_date'));
        },
        async work() {
          await addReferral(caseId, name.input.value.trim(), day.input.value);
          addButton(false);
          done(t('life.done.referral'));
        },
        refused: (problem) => (problem.field === 'on' ? !failAt(day, t('desk.wrong_date')) : false),
      }),
    );
    name.input.focus();
  }

  function answerForm(one: Referral, box: HTMLElement): void {
    answering = one.id;
    const outcome = choiceField(t('life.outcome'), '', codesOf('life.outcomes').map((value) => ({ value, label: label('life.outcomes', value) })), [], false);
    const day = dateField(t('life.outcome_day'), t('life.form.day_hint'), today());
    const close = (): void => {
      answering = null;
    };
    fill(
      box,
      form({
        button: t('life.outcome_add'),
        busy: t('life.form.working'),
        content: [outcome.element, day.element],
        aside: leave(() => {
          close();
          answerButton(one, box);
          box.querySelector('button')?.focus();
        }),
        check: () => (outcome.chosen().length > 0 || failAt(outcome, t('life.form.why_missing'))) && (pastDay(day.input.value) || failAt(day, t('desk.wrong_date'))),
        async work() {
          try {
            await noteOutcome(caseId, one.id, outcome.chosen()[0] ?? '', day.input.value);
          } finally {
            close();
          }
          done(t('life.done.outcome'));
        },
      }),
    );
    outcome.input.focus();
  }

  function answerButton(one: Referral, box: HTMLElement): void {
    fill(box, mayWrite() && quiet(t('life.outcome_add'), t('life.outcome_of', { institution: one.institution }), () => answerForm(one, box)));
  }

  function referralLine(one: Referral): HTMLElement {
    const box = h('div', {});
    if (one.outcome === null) answerButton(one, box);
    return h(
      'li',
      { class: 'step' },
      h('span', { class: 'step-what' }, one.institution),
      h('span', { class: 'step-when' }, t('life.referral_on', { date: date(one.on) })),
      h(
        'span',
        { class: 'step-note' },
        one.outcome === null ? t('life.referral_waiting') : t('life.outcome_on', { outcome: label('life.outcomes', one.outcome), date: date(one.outcome_on ?? '') }),
      ),
      box,
    );
  }

  addButton(false);
  return {
    element,
    draw(life) {
      fill(visits, steps([...life.visits].reverse().map(visitLine), t('life.visits_none')));
      fill(history, steps([...life.moves].reverse().map(stepLine), t('life.history_none')));
      if (answering !== null) return;
      noReferral.textContent = life.referrals.length === 0 ? t('life.referrals_none') : '';
      fill(referrals, [...life.referrals].reverse().map(referralLine));
    },
  };
}
