/// What was just done, with « Annuler » as long as it can be taken back; and why something was not done, in words.
import { Refused } from '../api/client';
import { fetchLife, makeMove, type NewMove } from '../api/life';
import type { Problem } from '../api/types';
import { t, type TextKey } from '../text';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox, type Said } from '../ui/problems';
import { said } from './refusals';

/// The server takes a move back for ten minutes; the button goes a little earlier.
const UNDO_MS = 9.5 * 60_000;

const REFUSED: Readonly<Record<string, [TextKey, TextKey]>> = {
  changed_meanwhile: ['done.changed', 'done.changed_next'],
  not_from_here: ['done.not_from_here', 'done.not_from_here_next'],
  in_danger: ['done.in_danger', 'done.in_danger_next'],
  too_late: ['done.too_late', 'done.too_late_next'],
  same_volunteer: ['done.same_volunteer', 'done.same_volunteer_next'],
  wrong_day: ['done.wrong_day', 'done.wrong_day_next'],
  no_place: ['done.no_place', 'done.no_place_next'],
  nothing_to_undo: ['done.nothing_to_undo', 'done.nothing_to_undo_next'],
};

/// A refusal of a move in its own words; `null` leaves it to the usual ones.
export function refusedMove({ code, status }: Problem): Said | null {
  const texts = REFUSED[code ?? ''] ?? (status === 404 ? (['done.gone', 'done.gone_next'] as const) : undefined);
  return texts === undefined ? null : { title: t(texts[0]), next: t(texts[1]) };
}

export function saidMove(error: unknown): Said {
  return (error instanceof Refused ? refusedMove(error.problem) : null) ?? said(error);
}

/// Makes a move that one press asks for, on the case as it is now.
export async function moveNow(caseId: number, move: NewMove): Promise<void> {
  const life = await fetchLife(caseId);
  if (!life.acts.includes(move.act)) throw new Refused({ status: 409, code: 'not_from_here' });
  await makeMove(caseId, life.version, move);
}

export interface DoneLine {
  readonly element: HTMLElement;
  /// Says what was done, moves the focus there, and offers to take it back.
  say(text: string, undo: (() => Promise<Child>) | null, ...more: Child[]): void;
  /// Says what went wrong, at the same place.
  fail(error: unknown): void;
  clear(): void;
}

/// `undo` answers what is said once it is taken back, or nothing for the usual words.
export function doneLine(): DoneLine {
  const element = h('div', { class: 'done-line', role: 'status', tabindex: '-1' });
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(content: Child, good: boolean): void {
    clearTimeout(timer);
    element.classList.toggle('done-good', good);
    fill(element, content);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
  }

  function fail(error: unknown): void {
    show(problemBox(saidMove(error), null), false);
  }

  return {
    element,
    fail,
    say(text, undo, ...more) {
      let busy = false;
      const button =
        undo &&
        h(
          'button',
          {
            type: 'button',
            class: 'button',
            on: {
              click: () => {
                if (busy) return;
                busy = true;
                button?.setAttribute('aria-disabled', 'true');
                undo()
                  .then((then) => show([icon('check'), h('div', { class: 'done-text' }, h('strong', {}, t('done.undone')), then)], true))
                  .catch(fail);
              },
            },
          },
          t('done.undo'),
        );
      show([icon('check'), h('div', { class: 'done-text' }, h('strong', {}, text), more), button], true);
      if (button) timer = setTimeout(() => button.remove(), UNDO_MS);
    },
    clear() {
      clearTimeout(timer);
      element.replaceChildren();
      element.classList.remove('done-good');
    },
  };
}
