/// "Accès d'urgence": somebody of the phone desk or the project lead opens the cases for a while, says why, and knows that
/// the data-protection officer is told.
import { Refused } from '../api/client';
import { breakGlass, fetchSession } from '../api/session';
import { session } from '../state/session';
import { t, tn } from '../text';
import { clock } from '../text/format';
import { fill, freshId, h } from '../ui/dom';
import { textArea } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { said } from './refusals';

const LEAST = 10;
const MOST = 500;

/// Until when it is open, or `null`.
export function emergencyUntil(): string | null {
  return session.get()?.break_glass_until_at ?? null;
}

export function mayOpenInEmergency(): boolean {
  const held = session.get()?.account?.roles ?? [];
  return (held.includes('accueil') || held.includes('pilotage')) && emergencyUntil() === null;
}

export function openEmergency(): void {
  const titleId = freshId('emergency');
  let busy = false;
  const reason = textArea(t('emergency.reason'), t('emergency.reason_hint'), MOST, (n) => (n < 0 ? t('emergency.too_long') : tn('report.notes_left', n)));
  const problem = h('div', { 'aria-live': 'polite' });
  const open = h('button', { type: 'submit', class: 'button button-warn' }, t('emergency.open'));

  async function submit(): Promise<void> {
    if (busy) return;
    const text = reason.input.value.trim();
    const long = [...text].length;
    if (long < LEAST || long > MOST) {
      reason.fail(long < LEAST ? t('emergency.too_short') : t('emergency.too_long'));
      reason.input.focus();
      return;
    }
    busy = true;
    open.setAttribute('aria-disabled', 'true');
    try {
      await breakGlass(text);
      dialog.close();
      await fetchSession();
    } catch (error) {
      if (error instanceof Refused && error.problem.field === 'reason') reason.fail(t('emergency.too_short'));
      else fill(problem, problemBox(said(error), null));
    } finally {
      busy = false;
      open.removeAttribute('aria-disabled');
    }
  }

  const dialog = h(
    'dialog',
    { class: 'help dialog', 'aria-labelledby': titleId },
    h(
      'form',
      {
        class: 'form',
        novalidate: true,
        on: {
          submit: (event) => {
            event.preventDefault();
            void submit();
          },
        },
      },
      h('h2', { id: titleId }, t('emergency.title')),
      h('p', {}, t('emergency.what')),
      h('ul', { class: 'plain-list' }, h('li', {}, t('emergency.told')), h('li', {}, t('emergency.logged')), h('li', {}, t('emergency.limited'))),
      reason.element,
      problem,
      h(
        'div',
        { class: 'form-actions' },
        open,
        h('button', { type: 'button', class: 'button button-quiet', on: { click: () => dialog.close() } }, t('common.leave_it')),
      ),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  reason.input.focus();
}

/// The button, for whoever may; nothing for others, or while it is open.
export function emergencyButton(): HTMLElement | null {
  return mayOpenInEmergency()
    ? h('button', { type: 'button', class: 'button button-quiet', on: { click: openEmergency } }, icon('key'), t('emergency.button'))
    : null;
}

/// The banner that stays while it is open.
export function emergencyBanner(): HTMLElement | null {
  const until = emergencyUntil();
  return until === null
    ? null
    : h('div', { class: 'banner banner-warn', role: 'status' }, icon('key'), h('p', {}, h('strong', {}, t('emergency.banner', { time: clock(until) })), ' ', t('emergency.banner_told')));
}
