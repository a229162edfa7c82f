/// Signing out. A draft of a report holds what was said about somebody: whoever leaves says whether it is kept.
import { signOut } from '../api/session';
import { clearDraft, isEmptyDraft, loadDraft } from '../state/draft';
import { account } from '../state/session';
import { t } from '../text';
import { notice } from '../ui/announce';
import { freshId, h } from '../ui/dom';
import { said } from './refusals';

async function leave(onLeft: () => void): Promise<void> {
  try {
    await signOut();
    onLeft();
  } catch (error) {
    const { title, next } = said(error);
    notice(title, next, 'bad');
  }
}

export function askSignOut(onLeft: () => void): void {
  const me = account();
  if (me === null || isEmptyDraft(loadDraft(me.id))) {
    clearDraft();
    void leave(onLeft);
    return;
  }
  const titleId = freshId('leave');
  const button = (text: string, look: string, act: () => void): HTMLElement =>
    h('button', { type: 'button', class: `button ${look}`, on: { click: () => { dialog.close(); act(); } } }, text);
  const dialog = h(
    'dialog',
    { class: 'help dialog', 'aria-labelledby': titleId },
    h('h2', { id: titleId }, t('session.draft_title')),
    h('p', {}, t('session.draft_text')),
    h(
      'div',
      { class: 'form-actions' },
      button(t('session.draft_erase'), 'button-main', () => {
        clearDraft();
        void leave(onLeft);
      }),
      button(t('session.draft_keep'), '', () => void leave(onLeft)),
      button(t('session.draft_back'), 'button-quiet', () => undefined),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
