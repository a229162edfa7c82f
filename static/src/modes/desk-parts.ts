/// What the desks share: a list with what opens over it by address, lists that load, forms whose fields say what is wrong,
/// and the two ways to ask before something that cannot be undone.
import { getBlob, isAbort, Refused } from '../api/client';
import type { Problem } from '../api/types';
import type { PlainMode, PlainRoute } from '../state/route';
import { formatRoute } from '../state/route';
import { t, tn } from '../text';
import { announce, notice } from '../ui/announce';
import { backButton } from '../ui/controls';
import { type Child, fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, type Said, skeleton } from '../ui/problems';
import type { Context } from './context';
import { said } from './refusals';

// ---- addresses

export function hrefOf(mode: PlainMode, parts: readonly (string | number)[] = [], params: Readonly<Record<string, string>> = {}): string {
  return formatRoute({ mode, parts: parts.map(String), params });
}

export function idOf(part: string | undefined): number | null {
  return part !== undefined && /^\d{1,15}$/.test(part) ? Number(part) : null;
}

export interface Opened {
  readonly route: () => PlainRoute;
  /// Makes what is open again; `focus` moves to its heading.
  redraw(focus: boolean): void;
  /// Makes what the address asks for and is not open yet, such as when its data has come. What is being typed stays.
  arrive(): void;
  /// Closes what is open: the list, with the focus where it came from.
  back(): void;
  readonly drop: () => void;
}

/// What opens over the list follows the parts of the address. `detail` makes it, or `null` when it is not known yet.
export function openByAddress(
  ctx: Context,
  mode: PlainMode,
  detail: (parts: readonly string[], params: Readonly<Record<string, string>>) => HTMLElement | null,
  onParams: () => void = () => undefined,
): Opened {
  const { panel } = ctx;
  let route = ctx.route.get() as PlainRoute;
  let shown = '';

  function draw(focus: boolean): void {
    const at = route.parts.join('/');
    if (at === '') {
      const before = shown;
      shown = '';
      panel.closeDetail();
      if (before === '') return;
      const row = panel.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(before)}"]`);
      if (row) row.focus();
      else panel.list.focus({ preventScroll: true });
      return;
    }
    const content = detail(route.parts, route.params);
    if (content === null) return;
    panel.openDetail(content, focus || shown !== at);
    shown = at;
  }

  const drop = ctx.route.changed((next) => {
    if (next.mode !== mode) return;
    const before = route;
    route = next;
    if (JSON.stringify(before.params) !== JSON.stringify(next.params)) onParams();
    if (before.parts.join('/') !== next.parts.join('/')) draw(true);
  });
  return {
    route: () => route,
    redraw: draw,
    arrive: () => {
      if (shown !== route.parts.join('/')) draw(true);
    },
    back: () => ctx.go({ ...route, parts: [] }),
    drop,
  };
}

/// The list of a desk: title, what it is for, what can be begun, then what loads.
export function listPage(title: string, lead: Child, actions: Child, ...content: Child[]): HTMLElement {
  return h(
    'div',
    { class: 'desk' },
    h('header', { class: 'panel-head' }, h('div', { class: 'panel-title' }, h('h1', {}, title), h('p', { class: 'lead' }, lead)), actions),
    content,
  );
}

/// Something opened over the list.
export function detailPage(onBack: () => void, title: string, sub: Child, ...content: Child[]): HTMLElement {
  return h(
    'article',
    { class: 'detail desk-detail' },
    backButton(onBack),
    h('header', { class: 'desk-detail-head' }, h('h2', { tabindex: '-1' }, title), sub && h('p', { class: 'detail-sub' }, sub)),
    content,
  );
}

export function unknownPage(onBack: () => void, title: string): HTMLElement {
  return detailPage(onBack, title, null, h('p', {}, t('coordination.unknown_next')));
}

/// A titled part of a detail.
export function part(title: string, ...content: Child[]): HTMLElement {
  return h('section', { class: 'desk-part', 'aria-label': title }, h('h3', {}, title), content);
}

// ---- loading

export interface Source<T> {
  load(): void;
  value(): T | null;
  set(value: T): void;
  readonly drop: () => void;
}

/// Asks, shows grey lines when it lasts, and says what went wrong with a way to ask again. What was shown stays until the
/// answer is there.
/// `refused` may say a refusal elsewhere; then nothing is shown here.
export function source<T>(
  box: HTMLElement,
  lines: number,
  ask: (signal: AbortSignal) => Promise<T>,
  show: (value: T) => void,
  refused: (problem: Problem) => boolean = () => false,
): Source<T> {
  let value: T | null = null;
  let running: AbortController | null = null;
  const take = (next: T): void => {
    value = next;
    box.replaceChildren();
    show(next);
  };
  function load(): void {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    if (value === null) fill(box, skeleton(lines));
    ask(mine.signal)
      .then((next) => {
        if (!mine.signal.aborted) take(next);
      })
      .catch((error: unknown) => {
        if (isAbort(error) || mine.signal.aborted) return;
        if (error instanceof Refused && refused(error.problem)) box.replaceChildren();
        else fill(box, problemBox(said(error), load));
      });
  }
  return { load, value: () => value, set: take, drop: () => running?.abort() };
}

// ---- fields

export interface Control {
  readonly element: HTMLElement;
  readonly input: HTMLElement;
  fail(text: string): void;
  mend(): void;
}

function withError(control: HTMLElement, error: HTMLElement): { fail(text: string): void; mend(): void } {
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

/// Today where the page is read, as the server writes days.
export function today(): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: 'Europe/Paris' }).format(new Date());
}

/// A day that is not in the future.
export function pastDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && text <= today() && text > '1900';
}

export function dateField(
  label: string,
  hint: string,
  value: string,
  within: { readonly min?: string; readonly max?: string } = { max: today() },
): Control & { readonly input: HTMLInputElement } {
  const id = freshId('day');
  const input = h('input', { id, type: 'date', class: 'day', value, min: within.min, max: within.max, 'aria-describedby': `${id}-hint ${id}-error` });
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  const marks = withError(input, error);
  input.addEventListener('input', marks.mend);
  return {
    element: h('div', { class: 'field' }, h('label', { class: 'field-label', for: id }, label), h('p', { class: 'hint', id: `${id}-hint` }, hint), input, error),
    input,
    ...marks,
  };
}

export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
}

/// A group of choices, each with a sentence of its own; one of them, or several.
export function choiceField<V extends string>(
  legend: string,
  hint: string,
  options: readonly Option<V>[],
  chosen: readonly V[],
  several: boolean,
  onChange: () => void = () => undefined,
): Control & { chosen(): V[] } {
  const id = freshId('choice');
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  const inputs = options.map((option, i) => {
    const input = h('input', {
      type: several ? 'checkbox' : 'radio',
      name: id,
      value: option.value,
      'aria-describedby': option.hint === undefined ? undefined : `${id}-${i}`,
    });
    input.checked = chosen.includes(option.value);
    return input;
  });
  const element = h(
    'fieldset',
    { class: 'field choices', 'aria-describedby': `${id}-error` },
    h('legend', { class: 'field-label' }, legend),
    hint !== '' && h('p', { class: 'hint' }, hint),
    options.map((option, i) =>
      h(
        'label',
        { class: 'choice' },
        inputs[i],
        h('span', {}, h('span', { class: 'choice-name' }, option.label), option.hint !== undefined && h('span', { class: 'hint', id: `${id}-${i}` }, option.hint)),
      ),
    ),
    error,
  );
  const first = inputs[0] as HTMLInputElement;
  const marks = withError(element, error);
  element.addEventListener('change', () => {
    marks.mend();
    onChange();
  });
  return {
    element,
    input: inputs.find((input) => input.checked) ?? first,
    chosen: () => inputs.flatMap((input, i) => (input.checked ? [(options[i] as Option<V>).value] : [])),
    fail(text) {
      fill(error, icon('warning'), h('span', {}, text));
    },
    mend: marks.mend,
  };
}

export const NOTE_MAX = 500;

export function noteLeft(n: number): string {
  return n < 0 ? t('desk.note_long') : tn('desk.note_left', n);
}

export function noteTooLong(text: string): boolean {
  return [...text].length > NOTE_MAX;
}

// ---- forms

/// Marks a field, once, and leads there.
export function failAt(control: Control, text: string): false {
  control.fail(text);
  control.input.focus();
  return false;
}

export interface Form {
  readonly button: string;
  readonly busy?: string;
  /// `button-main` unless told.
  readonly look?: string;
  readonly content: readonly Child[];
  /// Beside the button.
  readonly aside?: Child;
  /// Whether what was typed can be sent; marks the field that is wrong.
  readonly check?: () => boolean;
  readonly work: () => Promise<void>;
  /// Says a refusal itself: at a field, or in these words; `false` leaves it to the usual ones.
  readonly refused?: (problem: Problem) => boolean | Said;
}

/// A form whose button waits while it works. What is refused is said above the button.
export function form(options: Form): HTMLFormElement {
  let busy = false;
  const problem = h('div', { 'aria-live': 'polite' });
  const submit = h('button', { type: 'submit', class: `button ${options.look ?? 'button-main'}` }, options.button);
  const tell = (what: Said): void => fill(problem, problemBox(what, null));

  async function run(): Promise<void> {
    if (busy || options.check?.() === false) return;
    busy = true;
    submit.setAttribute('aria-disabled', 'true');
    if (options.busy !== undefined) submit.textContent = options.busy;
    problem.replaceChildren();
    try {
      await options.work();
    } catch (error) {
      const answer = error instanceof Refused ? (options.refused?.(error.problem) ?? false) : false;
      if (answer === false) tell(said(error));
      else if (answer !== true) tell(answer);
    } finally {
      busy = false;
      submit.removeAttribute('aria-disabled');
      submit.textContent = options.button;
    }
  }

  return h(
    'form',
    {
      class: 'form',
      method: 'post',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void run();
        },
      },
    },
    options.content,
    problem,
    h('div', { class: 'form-actions' }, submit, options.aside),
  );
}

/// What cannot be undone and concerns one person: the reference is typed first.
export function confirmByReference(reference: string, button: string, work: () => Promise<void>, refused?: Form['refused']): HTMLFormElement {
  const id = freshId('confirm');
  const input = h('input', { id, type: 'text', class: 'confirm-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', 'aria-describedby': `${id}-hint ${id}-error` });
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  const control: Control = { element: input, input, ...withError(input, error) };
  input.addEventListener('input', control.mend);
  return form({
    button,
    look: 'button-warn',
    content: [
      h(
        'div',
        { class: 'field' },
        h('label', { class: 'field-label', for: id }, t('desk.confirm_label', { reference })),
        h('p', { class: 'hint', id: `${id}-hint` }, t('desk.confirm_hint')),
        input,
        error,
      ),
    ],
    check: () => sameReference(input.value, reference) || failAt(control, t('desk.confirm_wrong', { reference })),
    work,
    ...(refused === undefined ? {} : { refused }),
  });
}

/// However it is typed: capitals, spaces around, a dash of another kind.
export function sameReference(typed: string, reference: string): boolean {
  const plain = (text: string): string => text.trim().toUpperCase().replace(/[\u2010-\u2015\u2212]/g, '-');
  return reference !== '' && plain(typed) === plain(reference);
}

/// What cannot be undone: a first press asks, a second one does it.
export function twoSteps(first: string, sure: string, look: string, busy: string | undefined, work: () => Promise<void>, refused?: Form['refused']): HTMLElement {
  const box = h('div', {});
  function ask(): void {
    const made = form({
      button: sure,
      look,
      content: [h('p', {}, t('desk.irreversible'))],
      aside: h('button', { type: 'button', class: 'button button-quiet', on: { click: () => start(true) } }, t('common.leave_it')),
      work,
      ...(busy === undefined ? {} : { busy }),
      ...(refused === undefined ? {} : { refused }),
    });
    fill(box, made);
    made.querySelector<HTMLElement>('[type=button]')?.focus();
    announce(t('desk.irreversible'));
  }
  function start(focus: boolean): void {
    const button = h('button', { type: 'button', class: 'button', on: { click: ask } }, first);
    fill(box, h('div', { class: 'form-actions' }, button));
    if (focus) button.focus();
  }
  start(false);
  return box;
}

// ---- files

/// A link to a file that the server makes. What is refused is said in the page, and not saved as a file.
export function downloadLink(path: string, name: string, text: string, look = ''): HTMLElement {
  const problem = h('div', { 'aria-live': 'polite' });
  let busy = false;
  async function save(): Promise<void> {
    if (busy) return;
    busy = true;
    problem.replaceChildren();
    announce(t('desk.downloading'));
    try {
      const url = URL.createObjectURL(await getBlob(path));
      h('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      notice(t('desk.downloaded'), null, 'good');
    } catch (error) {
      fill(problem, problemBox(said(error), null));
    } finally {
      busy = false;
    }
  }
  const link = h(
    'a',
    {
      class: `button ${look}`,
      href: `/api/v1${path}`,
      download: name,
      on: {
        click: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          void save();
        },
      },
    },
    icon('download'),
    text,
  );
  return h('div', { class: 'download' }, link, problem);
}

// ---- empty

export function nothing(title: string, next: string | null, ...more: Child[]): HTMLElement {
  return emptyBox(title, next, null, more);
}
