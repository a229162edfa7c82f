/// "Nouveau signalement": three fields are enough, by keyboard alone; who it may be is shown beside; the draft survives a
/// reload, and a form that is sent again is the same report.
import { addReport, createCase, Refused, searchAddresses, Unreachable } from '../api/client';
import type { AddressHit, Case, FoundCase, Placed, Position, SoFar, Telling } from '../api/types';
import { clearDraft, EMPTY_DRAFT, isEmptyDraft, loadDraft, type ReportDraft, saveDraft } from '../state/draft';
import { account, mayWrite } from '../state/session';
import { codesOf, label, t, tn, type TextKey } from '../text';
import { length } from '../text/format';
import { announce, notice } from '../ui/announce';
import { backButton, fold } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { dangerBanner } from './case-facts';
import type { Context } from './context';
import { said } from './refusals';
import { DETAIL_NAMES, detailsPart, type DetailName } from './report-details';
import { duplicatesPart } from './report-duplicates';
import { type AddressState, characters, formParts, MAX_NOTES } from './report-parts';
import { placePart } from './report-place';
import { quarterName } from './tones';

type FieldName = 'address' | 'notes' | 'channel' | 'danger_action' | 'family_name' | 'given_name' | 'phone' | 'override_reason' | DetailName;

const DANGERS = ['danger_immediat', 'idees_suicidaires'] as const;
const PEOPLE_MAX = 30;

export interface ReportForm {
  readonly element: HTMLElement;
  leave(): void;
}

/// What stands in the place of a form while somebody else's eyes are borrowed.
export function onlyLooking(onBack: () => void, title: string): HTMLElement {
  return h(
    'article',
    { class: 'detail report' },
    backButton(onBack),
    h('h2', { tabindex: '-1' }, title),
    h('div', { class: 'callout callout-plain' }, icon('eye'), h('div', {}, h('strong', {}, t('errors.view_as')), h('p', {}, t('errors.view_as_next')))),
  );
}

/// The words after "near", "I do not know, near"…; `null` when the text does not begin so.
export function nearWhat(text: string): string | null {
  let rest = text.trim();
  const before = rest;
  for (let again = true; again; ) {
    again = false;
    for (const words of t('report.near_words').split('|')) {
      if (fold(rest).startsWith(fold(words))) {
        rest = rest.slice(words.length).replace(/^[\s,:]+/, '');
        again = true;
      }
    }
  }
  return rest === before ? null : rest;
}

function drawKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function reportForm(ctx: Context, onBack: () => void, onSaved: (saved: Case) => void): ReportForm {
  const author = account()?.id ?? 0;
  if (!mayWrite()) return { element: onlyLooking(onBack, t('report.title')), leave: () => undefined };
  let draft: ReportDraft = loadDraft(author);
  let saving = false;
  let place: Placed | null = null;
  let hits: readonly AddressHit[] = [];
  let near = nearWhat(draft.address) !== null;
  const found = !isEmptyDraft(draft);
  const parts = formParts<FieldName>();

  const set = (change: Partial<ReportDraft>): void => {
    draft = { ...draft, ...change };
    saveDraft(author, draft);
    duplicates.look();
  };

  function clearErrors(): void {
    parts.clear();
    general.replaceChildren();
  }

  // ---- who it may be

  const soFar = (): SoFar => ({
    address_id: draft.address_id,
    address: draft.address.trim(),
    position: draft.position,
    family_name: draft.family_name.trim(),
    given_name: draft.given_name.trim(),
    phone: draft.phone.trim(),
  });
  const duplicates = duplicatesPart(
    soFar,
    (next) => {
      place = next;
      parts.sayAddress();
    },
    (candidate) => void attach(candidate),
  );

  // ---- where

  function addressState(): AddressState {
    const nearest = quarterName(ctx.data.quarters.get().value, place?.nearest_quarter ?? null);
    const located = draft.address_id !== null || draft.position !== null;
    if (located && place?.sector === 'outside' && nearest !== null && place.nearest_quarter_m !== null) {
      return { text: t('report.address_outside', { quarter: nearest, distance: length(place.nearest_quarter_m) }), known: false };
    }
    if (draft.position !== null) {
      const quarter = quarterName(ctx.data.quarters.get().value, place?.quarter ?? null);
      return { text: quarter === null ? t('report.address_pin') : t('report.address_pin_in', { quarter }), known: true };
    }
    if (draft.address_id !== null) return { text: t('report.address_found'), known: true };
    return { text: draft.address === '' ? '' : t('report.address_free'), known: false };
  }

  const address = parts.address(
    'address',
    t('report.address'),
    t('report.address_hint'),
    true,
    draft.address,
    (text, addressId) => {
      const hit = hits.find((one) => one.id === addressId);
      if (hit && near) {
        // Near a house is not in it: the house only says where the point is.
        const words = t('report.near', { place: hit.label });
        const input = address.querySelector('input');
        if (input) input.value = words;
        set({ address: words, address_id: null, position: [hit.lon, hit.lat] });
      } else set({ address: text, address_id: addressId, ...(addressId === null ? {} : { position: null }) });
      pin.set(draft.position);
    },
    addressState,
    async (text, signal) => {
      const words = nearWhat(text);
      near = words !== null;
      hits = await searchAddresses(words ?? text, 8, signal);
      return hits;
    },
  );

  async function startOfPin(): Promise<Position | null> {
    const words = nearWhat(draft.address) ?? draft.address;
    if (words.trim().length < 3) return null;
    try {
      const first = (await searchAddresses(words, 1, new AbortController().signal))[0];
      return first ? [first.lon, first.lat] : null;
    } catch {
      return null;
    }
  }
  const pin = placePart(ctx, draft.position, startOfPin, (position) => {
    set({ position, ...(position === null ? {} : { address_id: null }) });
    parts.sayAddress();
  });

  // ---- what, and through whom

  const notes = parts.notes('notes', t('report.notes'), t('report.notes_hint'), true, draft.notes, (text) => set({ notes: text }));
  const channel = parts.field('channel', t('report.channel'), null, true, ({ id, describedBy }) => {
    const control = h('select', {
      id,
      required: true,
      'aria-required': 'true',
      'aria-describedby': describedBy,
      on: { change: () => set({ channel: control.value }) },
    });
    control.append(h('option', { value: '' }, t('report.channel_choose')));
    for (const code of codesOf('case.channels')) {
      control.append(h('option', { value: code }, label('case.channels', code)));
    }
    control.value = draft.channel;
    return { control };
  });

  // ---- rule 1: the numbers to call are there at once, and what was done is asked

  const action = h('div', {});
  const inDanger = (): boolean => DANGERS.some((code) => draft.signs.includes(code));
  const numbers = h('div', { class: 'danger-numbers' });
  let actionField: HTMLElement | null = null;
  function showDanger(): void {
    fill(numbers, dangerBanner(draft.signs));
    if (!inDanger()) {
      action.replaceChildren();
      return;
    }
    actionField ??= parts.notes('danger_action', t('report.danger_action'), t('report.danger_action_hint'), true, draft.danger_action, (text) => set({ danger_action: text }));
    if (!action.hasChildNodes()) fill(action, actionField);
  }
  const dangers = h(
    'fieldset',
    { class: 'dangers' },
    h('legend', { class: 'field-label' }, t('report.dangers')),
    DANGERS.map((code) => {
      const box = h('input', {
        type: 'checkbox',
        on: {
          change: () => {
            set({ signs: box.checked ? [...draft.signs, code] : draft.signs.filter((one) => one !== code) });
            showDanger();
          },
        },
      });
      box.checked = draft.signs.includes(code);
      return h('label', { class: 'check' }, box, h('span', {}, t(`report.danger.${code}`)));
    }),
  );

  const text = (name: 'family_name' | 'given_name' | 'phone', hint: string | null): HTMLElement => parts.line(name, t(`report.${name}`), hint, draft[name], (value) => set({ [name]: value }));
  const details = detailsPart<FieldName>(parts, () => draft, set);

  // ---- rule 2: who refused before is a warning with its day, never a wall

  const refusal = h('div', {});
  let reason: string | null = null;
  function warnOfRefusal(what: string): void {
    reason = '';
    const why = parts.line('override_reason', t('report.override_reason'), t('report.override_hint'), '', (value) => {
      reason = value;
    });
    const warning = h(
      'div',
      { class: 'callout callout-note', role: 'alert' },
      icon('warning'),
      h('div', {}, h('strong', {}, t('report.refused_title')), h('p', {}, `${what}.`), h('p', {}, t('report.refused_next'))),
    );
    fill(refusal, warning, why);
    why.querySelector('input')?.focus();
  }

  const general = h('div', {});
  const save = h('button', { type: 'submit', class: 'button button-main' }, t('report.save'));
  const form = h(
    'form',
    {
      class: 'report-form',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void submit();
        },
        // Ctrl+Enter saves from anywhere, the text area included.
        keydown: (event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
        },
      },
    },
    general,
    h('div', { class: 'where' }, address, pin.element),
    notes,
    channel,
    dangers,
    numbers,
    action,
    h(
      'fieldset',
      { class: 'who' },
      h('legend', { class: 'field-label' }, t('report.who')),
      h('div', { class: 'pair' }, text('given_name', null), text('family_name', null)),
      text('phone', t('report.phone_hint')),
    ),
    duplicates.element,
    refusal,
    details.element,
    h(
      'div',
      { class: 'form-actions' },
      save,
      h(
        'button',
        {
          type: 'button',
          class: 'button button-quiet',
          on: {
            click: () => {
              clearDraft();
              draft = EMPTY_DRAFT;
              onBack();
            },
          },
        },
        t('report.discard'),
      ),
    ),
  );

  // ---- sending

  /// What is missing or too long; where it is does not matter to a file that is there.
  function check(where: boolean): number {
    const missing: [FieldName, TextKey][] = [];
    if (where && draft.address.trim() === '' && draft.position === null) missing.push(['address', 'report.error.address']);
    if (draft.notes.trim() === '') missing.push(['notes', 'report.error.notes']);
    else if (characters(draft.notes) > MAX_NOTES) missing.push(['notes', 'report.error.notes_long']);
    if (draft.channel === '') missing.push(['channel', 'report.error.channel']);
    if (inDanger()) {
      if (draft.danger_action.trim() === '') missing.push(['danger_action', 'report.error.danger_action']);
      else if (characters(draft.danger_action) > MAX_NOTES) missing.push(['danger_action', 'report.error.notes_long']);
    }
    const people = Number(draft.people.trim());
    if (draft.people.trim() !== '' && !(Number.isInteger(people) && people >= 1 && people <= PEOPLE_MAX)) missing.push(['people', 'report.error.people']);
    for (const [name, key] of missing) parts.fail(name, t(key));
    return missing.length;
  }

  const telling = (): Telling => ({
    notes: draft.notes.trim(),
    channel: draft.channel,
    signs: draft.signs,
    danger_action: inDanger() ? draft.danger_action.trim() : '',
    reporter_name: draft.reporter_name.trim(),
    reporter_phone: draft.reporter_phone.trim(),
    reporter_relation: draft.reporter_relation.trim(),
    mobility: draft.mobility,
    people: draft.people.trim() === '' ? null : Number(draft.people.trim()),
  });

  const key = (): string => {
    if (draft.key === '') {
      draft = { ...draft, key: drawKey() };
      saveDraft(author, draft);
    }
    return draft.key;
  };

  async function send(where: boolean, call: () => Promise<Case>, told: (saved: Case) => string): Promise<void> {
    if (saving) return;
    clearErrors();
    const missing = check(where);
    if (missing > 0) {
      announce(tn('report.errors', missing));
      parts.focusFirstError();
      return;
    }
    saving = true;
    save.setAttribute('aria-disabled', 'true');
    save.textContent = t('report.saving');
    try {
      const saved = await call();
      clearDraft();
      const { sector, nearest_quarter, nearest_quarter_m } = saved.properties;
      const nearest = quarterName(ctx.data.quarters.get().value, nearest_quarter);
      const outside = sector === 'outside' && nearest !== null && nearest_quarter_m !== null;
      notice(told(saved), outside ? t('report.saved_outside', { quarter: nearest, distance: length(nearest_quarter_m) }) : null, 'good');
      onSaved(saved);
    } catch (error) {
      refused(error);
    } finally {
      saving = false;
      save.removeAttribute('aria-disabled');
      save.textContent = t(reason === null ? 'report.save' : 'report.save_anyway');
    }
  }

  function refused(error: unknown): void {
    if (!(error instanceof Unreachable)) {
      // Nothing was written: what is mended is another form.
      draft = { ...draft, key: '' };
      saveDraft(author, draft);
    }
    if (error instanceof Refused && error.problem.code === 'opposition_recorded') {
      if (reason === null) warnOfRefusal(error.problem.detail ?? '');
      else parts.fail('override_reason', t('report.error.override_reason'));
      parts.focusFirstError();
      return;
    }
    if (error instanceof Refused && error.problem.code === 'other_form') {
      // The first attempt had arrived after all: it is among those who look like this.
      duplicates.look();
      fill(general, h('div', { class: 'callout callout-note', role: 'alert' }, icon('warning'), h('div', {}, h('strong', {}, t('report.other_form')), h('p', {}, t('report.other_form_next')))));
      general.scrollIntoView({ block: 'nearest' });
      return;
    }
    const name = error instanceof Refused ? error.problem.field : undefined;
    if (error instanceof Refused && error.problem.status === 422 && name !== undefined) {
      const known = name === 'address_id' || name === 'position' ? 'address' : name;
      if (DETAIL_NAMES.some((one) => one === known)) details.open();
      if (parts.has(known)) {
        const own: Readonly<Record<string, TextKey>> = {
          address: 'report.error.address',
          notes: 'report.error.notes',
          channel: 'report.error.channel',
          danger_action: 'report.error.danger_action',
          phone: 'report.error.phone',
          people: 'report.error.people',
          override_reason: 'report.error.override_reason',
        };
        parts.fail(known, t(own[known] ?? 'report.error.other'));
        parts.focusFirstError();
        return;
      }
    }
    fill(general, problemBox(said(error), null));
    general.scrollIntoView({ block: 'nearest' });
  }

  function submit(): Promise<void> {
    return send(
      true,
      () =>
        createCase(
          {
            ...soFar(),
            ...telling(),
            subject: draft.subject,
            causes: draft.causes,
            duration: draft.duration,
            languages: draft.languages,
            override_reason: reason?.trim() || null,
          },
          key(),
        ),
      (created) => t('report.saved', { reference: created.properties.reference }),
    );
  }

  function attach(candidate: FoundCase): Promise<void> {
    return send(
      false,
      () => addReport(candidate.id, telling(), key()),
      (saved) => t('report.attached', { reference: saved.properties.reference }),
    );
  }

  showDanger();
  duplicates.look();
  const element = h(
    'article',
    { class: 'detail report' },
    backButton(onBack),
    h('header', { class: 'detail-head' }, h('div', {}, h('h2', { tabindex: '-1' }, t('report.title')), h('p', { class: 'lead' }, t('report.lead')))),
    h(
      'div',
      { class: 'callout callout-plain' },
      icon('warning'),
      h('div', {}, h('strong', {}, t('report.urgent_title')), h('p', {}, t('report.urgent'))),
    ),
    found && h('p', { class: 'hint draft-found' }, t('report.draft')),
    form,
  );
  return {
    element,
    leave() {
      duplicates.leave();
      pin.leave();
    },
  };
}
