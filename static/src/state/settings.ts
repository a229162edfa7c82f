/// Settings of this browser: kept in local storage, never sent.
import { cell } from './cell';

export interface Settings {
  /// Whether `/`, `n` and `?` do something outside of fields.
  readonly singleKeys: boolean;
}

const KEY = 'bienveilleurs.settings';
const DEFAULTS: Settings = { singleKeys: true };

function load(): Settings {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>;
    return { singleKeys: typeof stored.singleKeys === 'boolean' ? stored.singleKeys : DEFAULTS.singleKeys };
  } catch {
    return DEFAULTS;
  }
}

export const settings = cell<Settings>(load());

settings.changed((value) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still works; the setting lasts until the page is closed.
  }
});
