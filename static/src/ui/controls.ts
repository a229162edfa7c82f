/// Small controls that several modes share.
import { t } from '../text';
import { type Child, freshId, h } from './dom';
import { icon } from './icons';

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly count?: string;
}

/// A row of chips of which one is chosen: radio buttons, so that arrows change it.
export function chips<V extends string>(
  legend: string,
  choices: readonly Choice<V>[],
  chosen: V,
  onChange: (value: V) => void,
  look: 'chips' | 'segments' = 'chips',
  showLegend = false,
): { element: HTMLElement; choose(value: V): void; counts(counts: Readonly<Partial<Record<V, string>>>): void } {
  const name = freshId('choice');
  const inputs = new Map<V, HTMLInputElement>();
  const numbers = new Map<V, HTMLElement>();
  const element = h(
    'fieldset',
    { class: look },
    h('legend', { class: showLegend ? 'field-label' : 'visually-hidden' }, legend),
    h(
      'div',
      { class: `${look}-row` },
      choices.map((choice) => {
        const input = h('input', {
          type: 'radio',
          name,
          value: choice.value,
          class: 'visually-hidden',
          on: { change: () => onChange(choice.value) },
        });
        input.checked = choice.value === chosen;
        inputs.set(choice.value, input);
        const number = h('span', { class: 'chip-count' }, choice.count ?? '');
        numbers.set(choice.value, number);
        return h('label', { class: look === 'chips' ? 'chip' : 'segment' }, input, h('span', {}, choice.label), number);
      }),
    ),
  );
  return {
    element,
    choose(value) {
      const input = inputs.get(value);
      if (input) input.checked = true;
    },
    counts(counts) {
      for (const [value, number] of numbers) number.textContent = counts[value] ?? '';
    },
  };
}

export function searchField(label: string, onInput: (text: string) => void): { element: HTMLElement; input: HTMLInputElement } {
  const input = h('input', {
    type: 'search',
    class: 'search-input',
    placeholder: label,
    'aria-label': label,
    autocomplete: 'off',
    spellcheck: 'false',
    'data-search': true,
    on: { input: () => onInput(input.value) },
  });
  return { element: h('div', { class: 'search' }, icon('search'), input), input };
}

export function select(
  label: string,
  options: readonly { readonly value: string; readonly label: string }[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLElement {
  const id = freshId('select');
  const field = h('select', { id, on: { change: () => onChange(field.value) } });
  for (const option of options) {
    const element = h('option', { value: option.value }, option.label);
    element.selected = option.value === chosen;
    field.append(element);
  }
  return h('div', { class: 'field field-inline' }, h('label', { class: 'field-label', for: id }, label), field);
}

/// A pair of a word and what is known.
export function fact(term: string, ...value: Child[]): HTMLElement {
  return h('div', { class: 'fact' }, h('dt', {}, term), h('dd', {}, value));
}

export function backButton(onClick: () => void, label: string = t('common.back')): HTMLElement {
  return h('button', { type: 'button', class: 'back', on: { click: onClick } }, icon('back'), h('span', {}, label));
}

/// Folds accents and case, for searching.
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('’', "'")
    .toLocaleLowerCase('fr');
}
