/// Keys of the whole page. Single characters do nothing inside fields, and can be switched off in the settings.
import { settings } from '../state/settings';

export interface Shortcuts {
  readonly search: () => void;
  readonly help: () => void;
  readonly create: () => void;
  readonly back: () => boolean;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select') !== null;
}

export function installShortcuts(shortcuts: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') {
      const target = event.target;
      if (target instanceof HTMLInputElement && target.type === 'search' && target.value !== '') return;
      if (shortcuts.back()) event.preventDefault();
      return;
    }
    if (typing(event.target) || !settings.get().singleKeys) return;
    const action = { '/': shortcuts.search, '?': shortcuts.help, n: shortcuts.create }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
