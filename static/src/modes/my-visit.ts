/// "Noter ma visite": how, what was noticed in guided words, a short note, and when the next one is due. What is being
/// written stays in memory only, until it is sent or its author signs out.
import { dropVisit, keepVisit, visitDraft, type VisitDraft } from '../state/visit-draft';
import { codesOf, label, t } from '../text';
import { date } from '../text/format';
import { h } from '../ui/dom';
import { icon } from '../ui/icons';
import { refusedMove } from './act-done';
import { plusDays, plusMonth } from './day-words';
import { choiceField, dateField, failAt, form, pastDay, today } from './desk-parts';
import { type Act, noteField } from './my-acts';

/// The day that a choice stands for; `null` for "not known yet".
export function nextDay(draft: Pick<VisitDraft, 'next' | 'nextDay'>, now: string): string | null {
  switch (draft.next) {
    case 'week':
      return plusDays(now, 7);
    case 'fortnight':
      return plusDays(now, 14);
    case 'month':
      return plusMonth(now);
    case 'other':
      return draft.nextDay;
    default:
      return null;
  }
}

export function visitForm(caseId: number, act: Act, onSaved: (draft: VisitDraft, nextOn: string | null) => Promise<void>): HTMLElement {
  const now = today();
  const first = visitDraft(caseId);
  const kind = choiceField(
    t('my_visit.kind'),
    '',
    codesOf('follow.kinds').map((value) => ({ value, label: label('follow.kinds', value) })),
    [first.kind],
    false,
  );
  const noticed = choiceField(
    t('my_visit.noticed'),
    t('my_visit.noticed_hint'),
    codesOf('follow.impressions').map((value) => ({ value, label: label('follow.impressions', value) })),
    first.impressions,
    true,
  );
  const silence = h(
    'div',
    { class: 'callout callout-note' },
    icon('warning'),
    h('div', {}, h('p', {}, t('my_visit.silence')), h('a', { class: 'button', href: 'tel:0235194545' }, icon('call'), t('my_visit.silence_call'))),
  );
  const when = choiceField(
    t('my_visit.when'),
    '',
    [
      { value: 'today', label: t('my_visit.when_today') },
      { value: 'yesterday', label: t('my_visit.when_yesterday') },
      { value: 'other', label: t('my_visit.when_other') },
    ],
    [first.when],
    false,
  );
  const day = dateField(t('my_visit.day'), '', first.day);
  const note = noteField(t('my_visit.note'), t('mine.note_hint'));
  note.input.value = first.note;
  note.input.dispatchEvent(new Event('input'));
  const next = choiceField(
    t('my_visit.next'),
    '',
    [
      { value: 'week', label: t('my_visit.next_week'), hint: date(plusDays(now, 7)) },
      { value: 'fortnight', label: t('my_visit.next_fortnight'), hint: date(plusDays(now, 14)) },
      { value: 'month', label: t('my_visit.next_month'), hint: date(plusMonth(now)) },
      { value: 'other', label: t('my_visit.next_other') },
      { value: 'none', label: t('my_visit.next_none') },
    ],
    [first.next],
    false,
  );
  const nextOn = dateField(t('my_visit.next_day'), '', first.nextDay, { min: now });

  const read = (): VisitDraft => ({
    kind: kind.chosen()[0] ?? 'visit',
    impressions: noticed.chosen(),
    when: when.chosen()[0] ?? 'today',
    day: day.input.value,
    note: note.input.value,
    next: next.chosen()[0] ?? 'week',
    nextDay: nextOn.input.value,
  });
  const visitedOn = (draft: VisitDraft): string => (draft.when === 'today' ? now : draft.when === 'yesterday' ? plusDays(now, -1) : draft.day);

  function arrange(): void {
    const draft = read();
    const nobody = draft.kind === 'no_answer';
    noticed.element.hidden = nobody;
    silence.hidden = !nobody;
    day.element.hidden = draft.when !== 'other';
    nextOn.element.hidden = draft.next !== 'other';
  }

  const element = form({
    button: t('my_visit.save'),
    busy: t('my_visit.saving'),
    look: 'button-main button-big',
    content: [kind.element, silence, when.element, day.element, noticed.element, note.element, next.element, nextOn.element],
    check() {
      const draft = read();
      if (draft.when === 'other' && !pastDay(draft.day)) return failAt(day, t('desk.wrong_date'));
      if (!note.check()) return false;
      return draft.next !== 'other' || draft.nextDay >= now || failAt(nextOn, t('my_visit.wrong_next'));
    },
    async work() {
      const draft = read();
      const due = nextDay(draft, now);
      await act({
        act: 'contact',
        note: draft.note.trim(),
        on: visitedOn(draft),
        next_contact_on: due,
        visit: { kind: draft.kind, impressions: draft.kind === 'no_answer' ? [] : draft.impressions },
      });
      dropVisit(caseId);
      await onSaved(draft, due);
    },
    refused: (problem) => refusedMove(problem) ?? false,
  });
  const keep = (): void => {
    arrange();
    keepVisit(caseId, read());
  };
  element.addEventListener('input', keep);
  element.addEventListener('change', keep);
  arrange();
  return element;
}
