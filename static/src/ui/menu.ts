/// A button that opens a small panel under it: closed by Escape, by a click elsewhere, and when the focus goes on.
import { type Child, fill, freshId, h } from './dom';
import { icon } from './icons';

export interface Menu {
  readonly element: HTMLElement;
  close(): void;
}

export function menu(buttonContent: Child, content: readonly Child[]): Menu {
  const id = freshId('menu');
  const panel = h('div', { class: 'menu-panel', id });
  panel.hidden = true;
  const button = h(
    'button',
    {
      type: 'button',
      class: 'menu-button',
      'aria-expanded': 'false',
      'aria-controls': id,
      on: { click: () => set(panel.hasAttribute('hidden')) },
    },
    buttonContent,
    icon('down'),
  );
  const element = h('div', { class: 'menu' }, button, panel);
  fill(panel, content);

  function away(event: Event): void {
    if (!element.contains(event.target as Node)) set(false);
  }
  function set(open: boolean): void {
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) document.addEventListener('pointerdown', away);
    else document.removeEventListener('pointerdown', away);
  }
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hasAttribute('hidden')) return;
    event.preventDefault();
    event.stopPropagation();
    set(false);
    button.focus();
  });
  element.addEventListener('focusout', (event) => {
    const next = event.relatedTarget as Node | null;
    if (next !== null && !element.contains(next)) set(false);
  });
  panel.addEventListener('click', (event) => {
    if ((event.target as Element).closest('a, button')) set(false);
  });
  return { element, close: () => set(false) };
}
