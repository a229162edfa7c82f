/// An address field with suggestions: the ARIA combobox pattern with a list box (focus stays in the field).
import { t, tn } from '../text';
import { announce } from './announce';
import { freshId, h } from './dom';

export interface Suggestion {
  readonly id: string;
  readonly label: string;
}

export interface ComboboxOptions {
  readonly id: string;
  readonly value: string;
  readonly describedBy: string;
  readonly search: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>;
  /// Called at each change: `id` is null while the text is free.
  readonly onChange: (text: string, id: string | null) => void;
}

const REST_MS = 150;

export function combobox(options: ComboboxOptions): { element: HTMLElement; input: HTMLInputElement } {
  const listId = freshId('suggestions');
  const list = h('ul', { id: listId, class: 'suggestions', role: 'listbox', 'aria-label': t('report.suggestions') });
  list.hidden = true;
  const input = h('input', {
    id: options.id,
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-required': 'true',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
    'aria-describedby': options.describedBy,
  });
  input.value = options.value;
  let suggestions: readonly Suggestion[] = [];
  let active = -1;
  let abort: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = (): void => {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const mark = (index: number): void => {
    active = index;
    [...list.children].forEach((option, i) => {
      option.setAttribute('aria-selected', String(i === index));
      if (i === index) {
        input.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView({ block: 'nearest' });
      }
    });
    if (index === -1) input.removeAttribute('aria-activedescendant');
  };

  const choose = (suggestion: Suggestion): void => {
    input.value = suggestion.label;
    options.onChange(suggestion.label, suggestion.id);
    close();
  };

  const open = (): void => {
    list.replaceChildren(
      ...suggestions.map((suggestion, i) =>
        h(
          'li',
          {
            id: `${listId}-${i}`,
            role: 'option',
            'aria-selected': 'false',
            on: {
              // Before the field loses the focus.
              mousedown: (event) => {
                event.preventDefault();
                choose(suggestion);
              },
            },
          },
          suggestion.label,
        ),
      ),
    );
    active = -1;
    list.hidden = suggestions.length === 0;
    input.setAttribute('aria-expanded', String(suggestions.length > 0));
    announce(
      suggestions.length === 0
        ? t('report.suggestion_none')
        : tn('report.suggestion_count', suggestions.length),
    );
  };

  const look = (): void => {
    abort?.abort();
    clearTimeout(timer);
    const text = input.value.trim();
    if (text.length < 2) {
      suggestions = [];
      close();
      return;
    }
    timer = setTimeout(() => {
      const mine = new AbortController();
      abort = mine;
      options
        .search(text, mine.signal)
        .then((found) => {
          if (mine.signal.aborted || document.activeElement !== input) return;
          suggestions = found;
          open();
        })
        .catch(() => {
          // Suggestions are a help: without them the address is kept as typed.
          if (!mine.signal.aborted) close();
        });
    }, REST_MS);
  };

  input.addEventListener('input', () => {
    options.onChange(input.value, null);
    look();
  });
  input.addEventListener('blur', () => {
    abort?.abort();
    clearTimeout(timer);
    close();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && list.hidden && input.value.trim().length >= 2) {
      event.preventDefault();
      look();
      return;
    }
    if (list.hidden) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const n = suggestions.length;
      mark(event.key === 'ArrowDown' ? (active + 1) % n : (active <= 0 ? n : active) - 1);
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      const chosen = suggestions[active];
      if (chosen) choose(chosen);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab' && active >= 0) {
      const chosen = suggestions[active];
      if (chosen) choose(chosen);
    }
  });

  return { element: h('div', { class: 'combobox' }, input, list), input };
}
