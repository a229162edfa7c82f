/// One polite voice for screen readers, and the notices that everybody sees.
import { t } from '../text';
import { h } from './dom';
import { icon } from './icons';

const voice = h('div', { class: 'visually-hidden', 'aria-live': 'polite', 'aria-atomic': 'true' });
const notices = h('div', { class: 'notices', role: 'status' });

export function mountVoices(parent: Element): void {
  parent.append(voice, notices);
}

/// Nothing that was said or shown stays.
export function hush(): void {
  clearTimeout(timer);
  voice.textContent = '';
  notices.replaceChildren();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/// Said after a short rest, so that a slider that moves is not read at each step.
export function announce(text: string, restMs = 250): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    voice.textContent = '';
    voice.textContent = text;
  }, restMs);
}

export interface Notice {
  close(): void;
}

/// A notice at the foot of the page; `lasting` ones stay until closed.
export function notice(title: string, detail: string | null, kind: 'good' | 'bad', lasting = false): Notice {
  const close = (): void => {
    element.remove();
  };
  const element = h(
    'div',
    { class: `notice notice-${kind}` },
    kind === 'bad' ? icon('warning') : null,
    h('div', { class: 'notice-text' }, h('strong', {}, title), detail === null ? null : h('span', {}, detail)),
    h('button', { class: 'icon-button', type: 'button', 'aria-label': t('common.close'), on: { click: close } }, icon('close')),
  );
  notices.append(element);
  if (!lasting) setTimeout(close, 6000);
  return { close };
}
