/// "Corriger": the form that corrects what is written of somebody. Who saves second sees both versions and loses nothing.
import { fetchDetails, Refused, saveDetails, type Versioned } from '../api/client';
import type { CaseDetails } from '../api/types';
import { mayWrite } from '../state/session';
import { t, type TextKey, tn } from '../text';
import { date, languages as inFrench } from '../text/format';
import { announce, notice } from '../ui/announce';
import { backButton } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { choiceField, form, source } from './desk-parts';
import { said } from './refusals';
import { onlyLooking } from './report';
import { LANGUAGES } from './report-details';
import { characters, formParts, MAX_NOTES } from './report-parts';

type Line = 'given_name' | 'family_name' | 'phone';
type FieldName = Line | 'address' | 'notes' | 'languages';
type Typed = Omit<CaseDetails, 'located' | 'requests'> & { readonly address_id: string | null };

/// As many as the server takes.
const LANGUAGES_MAX = 10;

const NAMES: Readonly<Record<FieldName, TextKey>> = {
  address: 'case.address',
  given_name: 'report.given_name',
  family_name: 'report.family_name',
  phone: 'report.phone',
  languages: 'correct.languages',
  notes: 'case.notes',
};
const ORDER = Object.keys(NAMES) as FieldName[];

function typedOf({ address, given_name, family_name, phone, languages, notes }: CaseDetails): Typed {
  return { address, address_id: null, given_name, family_name, phone, languages, notes };
}

function words(of: Typed, name: FieldName): string {
  const value = of[name];
  return typeof value === 'string' ? value.trim() : inFrench(value);
}

export function caseCorrect(id: number, reference: string, onBack: () => void, onSaved: () => void): { readonly element: HTMLElement; leave(): void } {
  if (!mayWrite()) return { element: onlyLooking(onBack, t('correct.title', { reference })), leave: () => undefined };
  const box = h('div', {});
  const element = h(
    'article',
    { class: 'detail report' },
    backButton(onBack, t('correct.back', { reference })),
    h('header', { class: 'detail-head' }, h('div', {}, h('h2', { tabindex: '-1' }, t('correct.title', { reference })), h('p', { class: 'lead' }, t('correct.lead')))),
    box,
  );
  const loaded = source<Versioned<CaseDetails>>(
    box,
    6,
    (signal) => fetchDetails(id, signal),
    (first) => {
      fill(box, correctionForm(id, reference, first, onBack, onSaved));
      if (element.contains(document.activeElement) || document.activeElement === document.body) box.querySelector<HTMLElement>('input')?.focus({ preventScroll: true });
    },
  );
  loaded.load();
  return { element, leave: loaded.drop };
}

function correctionForm(id: number, reference: string, first: Versioned<CaseDetails>, onBack: () => void, onSaved: () => void): HTMLElement {
  /// What is stored, as far as this page knows; another version when somebody else has saved.
  let stored = first;
  let typed = typedOf(first.value);
  /// What both have changed since, and what was taken over because only the other one had changed it.
  let both: readonly FieldName[] = [];
  let merged: readonly FieldName[] = [];
  const set = (change: Partial<Typed>): void => {
    typed = { ...typed, ...change };
  };
  const conflict = h('div', {});
  const fields = h('div', { class: 'report-form' });
  let parts = formParts<FieldName>();
  let request: ReturnType<typeof choiceField<string>> | null = null;
  let languageError: (text: string) => void = () => undefined;

  function spoken(): HTMLElement {
    const own = typed.languages;
    const more = LANGUAGES.filter((code) => !own.includes(code));
    const choice = (code: string): { value: string; label: string } => ({ value: code, label: inFrench([code]) || t('correct.language_other', { code }) });
    const boxes = [choiceField(t('correct.languages'), '', [...own, ...more.slice(0, Math.max(0, 3 - own.length))].map(choice), own, true, changed), choiceField(t('correct.languages_more'), '', more.slice(Math.max(0, 3 - own.length)).map(choice), [], true, changed)] as const;
    function changed(): void {
      const chosen = boxes.flatMap((one) => one.chosen());
      // The order of preference stays; a new one comes last.
      set({ languages: [...own.filter((code) => chosen.includes(code)), ...chosen.filter((code) => !own.includes(code))] });
    }
    languageError = (text) => {
      boxes[0].fail(text);
      boxes[0].input.focus();
    };
    return h('div', { class: 'languages' }, boxes[0].element, h('details', {}, h('summary', {}, t('correct.languages_more')), boxes[1].element));
  }

  function requests(): HTMLElement | null {
    const waiting = stored.value.requests;
    const chosen = request?.chosen()[0];
    request = null;
    if (waiting.length === 0) return null;
    request = choiceField(
      t('correct.requests'),
      '',
      [
        ...waiting.map((one) => ({
          value: String(one.id),
          label: t('correct.request', { date: date(one.received_on), due: date(one.due_on) }),
          ...(one.note === '' ? {} : { hint: one.note }),
        })),
        { value: '', label: t('correct.request_none') },
      ],
      chosen !== undefined && (chosen === '' || waiting.some((one) => String(one.id) === chosen)) ? [chosen] : [],
      false,
    );
    return request.element;
  }

  function render(): void {
    parts = formParts<FieldName>();
    const line = (name: Line, hint: string | null): HTMLElement => parts.line(name, t(NAMES[name]), hint, typed[name], (text) => set({ [name]: text }));
    fill(
      fields,
      requests(),
      parts.address(
        'address',
        t('case.address'),
        t('report.address_hint'),
        false,
        typed.address,
        (address, addressId) => set({ address, address_id: addressId }),
        () => {
          if (typed.address_id !== null) return { text: t('report.address_found'), known: true };
          if (typed.address.trim() !== stored.value.address) return { text: t('correct.address_lost'), known: false };
          return { text: t(stored.value.located ? 'correct.address_same' : 'correct.address_unknown'), known: stored.value.located };
        },
      ),
      h('div', { class: 'pair' }, line('given_name', null), line('family_name', null)),
      line('phone', t('report.phone_hint')),
      spoken(),
      parts.notes('notes', t('case.notes'), t('correct.notes_hint'), false, typed.notes, (notes) => set({ notes })),
    );
  }

  /// Both versions, field by field, with a way to take the other one over.
  function compare(): Child {
    const theirs = typedOf(stored.value);
    const differ = both.filter((name) => words(theirs, name) !== words(typed, name));
    const side = (title: TextKey, text: string): HTMLElement => h('div', {}, h('dt', {}, t(title)), h('dd', {}, h('span', { class: 'notes' }, text === '' ? t('correct.nothing') : text)));
    return h(
      'div',
      { class: 'callout callout-bad conflict', role: 'alert', tabindex: '-1' },
      icon('warning'),
      h(
        'div',
        {},
        h('strong', {}, t('correct.conflict')),
        h('p', {}, t(differ.length === 0 ? 'correct.conflict_same' : 'correct.conflict_next')),
        merged.length > 0 && h('p', {}, t('correct.merged', { fields: merged.map((name) => t(NAMES[name])).join(', ') })),
        differ.map((name) => {
          const field = t(NAMES[name]);
          return h(
            'section',
            { class: 'versions', 'aria-label': field },
            h('h3', {}, field),
            h('dl', {}, side('correct.theirs', words(theirs, name)), side('correct.mine', words(typed, name))),
            h(
              'button',
              {
                type: 'button',
                class: 'button',
                'aria-label': t('correct.take_of', { field }),
                on: {
                  click: () => {
                    set(name === 'address' ? { address: theirs.address, address_id: null } : { [name]: theirs[name] });
                    render();
                    fill(conflict, compare());
                    announce(t('correct.taken', { field }));
                    conflict.querySelector<HTMLElement>('.conflict')?.focus();
                  },
                },
              },
              t('correct.take'),
            ),
          );
        }),
      ),
    );
  }

  /// Somebody else was first: what only they have changed is taken over, what both have is shown side by side.
  async function meanwhile(): Promise<void> {
    const before = typedOf(stored.value);
    try {
      stored = await fetchDetails(id, new AbortController().signal);
    } catch (error) {
      fill(conflict, problemBox(said(error), null));
      return;
    }
    const theirs = typedOf(stored.value);
    const changed = ORDER.filter((name) => words(theirs, name) !== words(before, name));
    merged = changed.filter((name) => words(typed, name) === words(before, name) && (name !== 'address' || typed.address_id === null));
    both = changed.filter((name) => !merged.includes(name));
    for (const name of merged) set({ [name]: theirs[name] });
    render();
    fill(conflict, compare());
    conflict.querySelector<HTMLElement>('.conflict')?.focus();
    conflict.scrollIntoView({ block: 'start' });
  }

  function check(): boolean {
    parts.clear();
    request?.mend();
    if (request !== null && request.chosen().length === 0) {
      request.fail(t('correct.request_missing'));
      request.input.focus();
      return false;
    }
    const wrong: [FieldName, TextKey][] = [];
    for (const name of ['address', 'given_name', 'family_name', 'phone'] as const) if (characters(typed[name]) > 200) wrong.push([name, 'correct.error.too_long']);
    if (characters(typed.notes) > MAX_NOTES) wrong.push(['notes', 'report.error.notes_long']);
    for (const [name, key] of wrong) parts.fail(name, t(key));
    if (wrong.length > 0) {
      announce(tn('report.errors', wrong.length));
      parts.focusFirstError();
      return false;
    }
    if (typed.languages.length > LANGUAGES_MAX) {
      languageError(t('correct.error.languages'));
      return false;
    }
    return true;
  }

  render();
  return form({
    button: t('correct.save'),
    busy: t('correct.saving'),
    content: [conflict, fields],
    aside: h('button', { type: 'button', class: 'button button-quiet', on: { click: onBack } }, t('common.leave_it')),
    check,
    async work() {
      const chosen = request?.chosen()[0] ?? '';
      try {
        await saveDetails(id, stored.version, { ...typed, request_id: chosen === '' ? null : Number(chosen) });
      } catch (error) {
        if (!(error instanceof Refused && error.problem.status === 412)) throw error;
        await meanwhile();
        return;
      }
      notice(t('correct.saved', { reference }), null, 'good');
      onSaved();
    },
    refused({ status, code, field }) {
      if (code === 'other_request') return { title: t('correct.request_gone'), next: t('correct.request_gone_next') };
      if (status !== 422 || field === undefined) return false;
      if (field === 'languages') languageError(t('correct.error.languages'));
      else if (parts.has(field)) {
        parts.fail(field, t(field === 'phone' ? 'report.error.phone' : 'report.error.other'));
        parts.focusFirstError();
      } else return false;
      return true;
    },
  });
}
