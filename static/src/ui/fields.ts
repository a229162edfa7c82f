/// One-line fields with a label, a hint and an error of their own; a password that can be shown, and Caps Lock told.
import { t } from '../text';
import { fill, freshId, h } from './dom';
import { icon } from './icons';

export interface FieldOptions {
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'password' | 'search';
  /// What a password manager goes by.
  readonly autocomplete: string;
  readonly name?: string;
  readonly numeric?: boolean;
  readonly maxlength?: number;
  readonly onInput?: (text: string) => void;
}

export interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  fail(text: string): void;
  mend(): void;
}

/// Marks a control as wrong and says why.
function errorOf(control: HTMLElement, error: HTMLElement): { fail(text: string): void; mend(): void } {
  return {
    fail(text) {
      control.setAttribute('aria-invalid', 'true');
      fill(error, icon('warning'), h('span', {}, text));
    },
    mend() {
      control.removeAttribute('aria-invalid');
      error.replaceChildren();
    },
  };
}

function build(options: FieldOptions, aside: (input: HTMLInputElement) => { beside?: HTMLElement; below?: HTMLElement }): Field {
  const id = freshId('field');
  const input = h('input', {
    id,
    type: options.type ?? 'text',
    name: options.name,
    autocomplete: options.autocomplete,
    autocapitalize: 'none',
    autocorrect: 'off',
    spellcheck: 'false',
    required: true,
    inputmode: options.numeric ? 'numeric' : undefined,
    maxlength: options.maxlength,
    'aria-describedby': `${id}-hint ${id}-error`,
  });
  const { beside, below } = aside(input);
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  const { fail, mend } = errorOf(input, error);
  input.addEventListener('input', () => {
    mend();
    options.onInput?.(input.value);
  });
  return {
    element: h(
      'div',
      { class: 'field' },
      h('label', { class: 'field-label', for: id }, options.label),
      h('p', { class: 'hint', id: `${id}-hint` }, options.hint ?? ''),
      beside ? h('div', { class: 'field-row' }, input, beside) : input,
      below,
      error,
    ),
    input,
    fail,
    mend,
  };
}

export function textField(options: FieldOptions): Field {
  return build(options, () => ({}));
}

export function passwordField(options: FieldOptions): Field {
  return build({ ...options, type: 'password' }, (input) => {
    const show = (shown: boolean): void => {
      input.type = shown ? 'text' : 'password';
      fill(button, icon(shown ? 'hidden' : 'eye'), h('span', {}, t(shown ? 'fields.hide' : 'fields.show')));
      button.setAttribute('aria-label', `${t(shown ? 'fields.hide' : 'fields.show')} (${options.label})`);
    };
    const button = h('button', {
      type: 'button',
      class: 'button field-show',
      on: {
        click: () => {
          show(input.type === 'password');
          input.focus();
        },
      },
    });
    show(false);
    // Hidden again when it leaves: a browser remembers what a text field held.
    queueMicrotask(() => input.form?.addEventListener('submit', () => show(false)));
    const caps = h('p', { class: 'hint caps', role: 'status' });
    const look = (event: KeyboardEvent | MouseEvent): void => {
      caps.textContent = event.getModifierState('CapsLock') ? t('fields.caps') : '';
    };
    input.addEventListener('keydown', look);
    input.addEventListener('keyup', look);
    input.addEventListener('click', look);
    return { beside: button, below: caps };
  });
}

/// Several lines, with what is left to write.
export function textArea(label: string, hint: string, most: number, left: (n: number) => string): { element: HTMLElement; input: HTMLTextAreaElement; fail(text: string): void; mend(): void } {
  const id = freshId('field');
  const input = h('textarea', { id, rows: 3, required: true, 'aria-describedby': `${id}-hint ${id}-error` });
  const rest = h('p', { class: 'hint notes-left' });
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  const { fail, mend } = errorOf(input, error);
  const count = (): void => {
    const n = most - [...input.value].length;
    rest.textContent = left(n);
    rest.classList.toggle('bad', n < 0);
  };
  input.addEventListener('input', () => {
    mend();
    count();
  });
  count();
  return {
    element: h('div', { class: 'field' }, h('label', { class: 'field-label', for: id }, label), h('p', { class: 'hint', id: `${id}-hint` }, hint), input, rest, error),
    input,
    fail,
    mend,
  };
}
