/// What a volunteer does from a page of its own: say no to a proposal, tell of a danger, stop, be away.
import { Refused } from '../api/client';
import { fetchLife, makeMove, type NewMove } from '../api/life';
import { codesOf, label, t } from '../text';
import { backButton } from '../ui/controls';
import { type Child, h } from '../ui/dom';
import { textArea } from '../ui/fields';
import { icon } from '../ui/icons';
import { type DaysFields, daysFields } from './absences';
import { refusedMove } from './act-done';
import { choiceField, failAt, form, NOTE_MAX, noteLeft, noteTooLong } from './desk-parts';

/// A page over the list, in large type.
export function myPage(onBack: () => void, backTo: string, title: string, sub: Child, ...content: Child[]): HTMLElement {
  return h('article', { class: 'detail mine mine-page' }, backButton(onBack, backTo), h('header', { class: 'mine-head' }, h('h2', { tabindex: '-1' }, title), sub), content);
}

/// A short note; the person may read it.
export function noteField(name: string, hint: string): ReturnType<typeof textArea> & { check(): boolean } {
  const field = textArea(name, hint, NOTE_MAX, noteLeft);
  field.input.required = false;
  return { ...field, check: () => !noteTooLong(field.input.value) || failAt(field, t('desk.note_long')) };
}

/// Makes a move of the case as it was when the page was opened. When somebody else has changed it meanwhile, the next try is
/// about what it is then; `onChanged` shows that.
export function moveAsSeen(caseId: number, onChanged: () => void): (move: NewMove) => Promise<void> {
  let version: Promise<number> = seen();
  function seen(): Promise<number> {
    const asked = fetchLife(caseId).then((life) => life.version);
    // Said when it is needed.
    asked.catch(() => undefined);
    return asked;
  }
  return async (move) => {
    let at: number;
    try {
      at = await version;
    } catch {
      version = seen();
      at = await version;
    }
    try {
      await makeMove(caseId, at, move);
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'changed_meanwhile') {
        version = seen();
        onChanged();
      }
      throw error;
    }
  };
}

export type Act = (move: NewMove) => Promise<void>;

export function declineForm(act: Act): HTMLElement {
  const why = choiceField(
    t('mine.no_why'),
    t('mine.no_why_hint'),
    codesOf('follow.declining').map((value) => ({ value, label: label('follow.declining', value) })),
    [],
    false,
  );
  return form({
    button: t('mine.no_do'),
    content: [why.element],
    check: () => why.chosen().length > 0 || failAt(why, t('mine.no_missing')),
    work: () => act({ act: 'decline', why: why.chosen()[0] as string }),
    refused: (problem) => refusedMove(problem) ?? false,
  });
}

const NUMBERS: readonly (readonly [number: string, href: string])[] = [
  ['15', 'tel:15'],
  ['112', 'tel:112'],
  ['114', 'sms:114'],
  ['3114', 'tel:3114'],
];

/// The numbers first; the coordination is told afterwards.
export function emergencyNumbers(): HTMLElement {
  return h(
    'section',
    { class: 'numbers', 'aria-label': t('mine.numbers') },
    h('h3', {}, t('mine.numbers')),
    h(
      'ul',
      {},
      NUMBERS.map(([number, href]) => h('li', {}, h('a', { class: 'button number', href }, icon('call'), h('strong', {}, number), h('span', {}, label('mine.number', number))))),
    ),
  );
}

export function dangerForm(act: Act): HTMLElement {
  const why = choiceField(
    t('mine.danger_why'),
    '',
    (['danger_immediat', 'idees_suicidaires'] as const).map((value) => ({ value, label: label('case.sign', value), hint: label('mine.danger_hint', value) })),
    [],
    false,
  );
  const note = noteField(t('mine.danger_note'), t('mine.note_hint'));
  return form({
    button: t('mine.danger_do'),
    look: 'button-warn',
    content: [why.element, note.element],
    check: () => (why.chosen().length > 0 || failAt(why, t('mine.danger_missing'))) && note.check(),
    work: () => act({ act: 'raise_danger', why: why.chosen()[0] as string, note: note.input.value.trim() }),
    refused: (problem) => refusedMove(problem) ?? false,
  });
}

export function releaseForm(act: Act): HTMLElement {
  const note = noteField(t('mine.stop_note'), t('mine.note_hint'));
  return form({
    button: t('mine.stop_do'),
    content: [note.element],
    check: note.check,
    work: () => act({ act: 'release', note: note.input.value.trim() }),
    refused: (problem) => refusedMove(problem) ?? false,
  });
}

export function awayForm(work: (days: ReturnType<DaysFields['days']>) => Promise<void>): HTMLElement {
  const fields = daysFields();
  return form({
    button: t('away.save'),
    content: [...fields.elements],
    check: fields.check,
    work: () => work(fields.days()),
    refused: ({ field }) => fields.refused(field),
  });
}
