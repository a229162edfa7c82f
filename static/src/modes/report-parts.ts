/// The parts of a form about somebody: fields that say their own error, the address with its suggestions, and the notes
/// with what is left to write.
import { searchAddresses } from '../api/client';
import { t, tn } from '../text';
import { combobox, type Suggestion } from '../ui/combobox';
import { type Child, fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';

export const MAX_NOTES = 500;

/// The number of characters as the server counts them (code points).
export function characters(text: string): number {
  return [...text].length;
}

interface Field {
  readonly control: HTMLElement;
  readonly error: HTMLElement;
}

interface Made {
  readonly control: HTMLElement;
  readonly whole?: HTMLElement;
  readonly after?: Child;
}

export interface AddressState {
  readonly text: string;
  /// Whether it is known where this is.
  readonly known: boolean;
}

export interface FormParts<N extends string> {
  readonly field: (name: N, title: string, hint: string | null, required: boolean, make: (ids: { id: string; describedBy: string }) => Made) => HTMLElement;
  readonly line: (name: N, title: string, hint: string | null, value: string, onInput: (text: string) => void) => HTMLElement;
  /// `says` tells under the field what is known of the address; asked again at each change.
  readonly address: (name: N, title: string, hint: string | null, required: boolean, value: string, onChange: (text: string, id: string | null) => void, says: () => AddressState, search?: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>) => HTMLElement;
  readonly notes: (name: N, title: string, hint: string | null, required: boolean, value: string, onInput: (text: string) => void) => HTMLElement;
  /// What is known of the address has changed.
  readonly sayAddress: () => void;
  readonly has: (name: string) => name is N;
  fail(name: N, text: string): void;
  clear(): void;
  focusFirstError(): void;
}

export function formParts<N extends string>(): FormParts<N> {
  const fields = new Map<string, Field>();
  let sayAddress: () => void = () => undefined;

  function mended(name: N): void {
    const one = fields.get(name);
    one?.control.removeAttribute('aria-invalid');
    one?.error.replaceChildren();
  }

  function field(name: N, title: string, hint: string | null, required: boolean, make: (ids: { id: string; describedBy: string }) => Made): HTMLElement {
    const id = freshId('field');
    const { control, whole, after } = make({ id, describedBy: `${id}-hint ${id}-error` });
    const error = h('p', { class: 'field-error', id: `${id}-error` });
    fields.set(name, { control, error });
    control.addEventListener('input', () => mended(name));
    return h(
      'div',
      { class: 'field' },
      h('label', { class: 'field-label', for: id }, title, required && h('span', { class: 'required' }, ` (${t('report.required')})`)),
      hint !== null && h('p', { class: 'hint', id: `${id}-hint` }, hint),
      whole ?? control,
      error,
      after,
    );
  }

  return {
    field,
    line: (name, title, hint, value, onInput) =>
      field(name, title, hint, false, ({ id, describedBy }) => {
        const control = h('input', {
          id,
          type: name.endsWith('phone') ? 'tel' : 'text',
          inputmode: name === 'people' ? 'numeric' : undefined,
          autocomplete: 'off',
          maxlength: 120,
          'aria-describedby': describedBy,
          on: { input: () => onInput(control.value) },
        });
        control.value = value;
        return { control };
      }),
    address(name, title, hint, required, value, onChange, says, search = (text, signal) => searchAddresses(text, 8, signal)) {
      const state = h('p', { class: 'hint address-state', 'aria-live': 'polite' });
      const show = (): void => {
        const { text, known } = says();
        state.textContent = text;
        state.classList.toggle('good', known);
      };
      sayAddress = show;
      const made = field(name, title, hint, required, ({ id, describedBy }) => {
        const box = combobox({
          id,
          value,
          describedBy,
          search,
          onChange(text, addressId) {
            onChange(text, addressId);
            mended(name);
            show();
          },
        });
        box.input.required = required;
        box.input.ariaRequired = String(required);
        return { control: box.input, whole: box.element, after: state };
      });
      show();
      return made;
    },
    notes(name, title, hint, required, value, onInput) {
      const left = h('p', { class: 'hint notes-left' });
      return field(name, title, hint, required, ({ id, describedBy }) => {
        const control = h('textarea', { id, rows: 4, required, 'aria-required': String(required), 'aria-describedby': describedBy });
        const show = (): void => {
          const rest = MAX_NOTES - characters(control.value);
          left.textContent = rest < 0 ? t('report.error.notes_long') : tn('report.notes_left', rest);
          left.classList.toggle('bad', rest < 0);
        };
        control.addEventListener('input', () => {
          onInput(control.value);
          show();
        });
        control.value = value;
        show();
        return { control, after: left };
      });
    },
    sayAddress: () => sayAddress(),
    has: (name): name is N => fields.has(name),
    fail(name, text) {
      const one = fields.get(name);
      if (!one) return;
      one.control.setAttribute('aria-invalid', 'true');
      fill(one.error, icon('warning'), text);
    },
    clear() {
      for (const name of fields.keys()) mended(name as N);
    },
    focusFirstError() {
      [...fields.values()].find((one) => one.control.getAttribute('aria-invalid') === 'true')?.control.focus();
    },
  };
}
