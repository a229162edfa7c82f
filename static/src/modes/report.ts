/// "Nouveau signalement": three fields are enough, by keyboard alone; the draft survives a reload.
import { createCase, Refused } from '../api/client';
import type { Case } from '../api/types';
import { clearDraft, EMPTY_DRAFT, isEmptyDraft, loadDraft, type ReportDraft, saveDraft } from '../state/draft';
import { account, mayWrite } from '../state/session';
import { codesOf, label, t, tn, type TextKey } from '../text';
import { announce, notice } from '../ui/announce';
import { backButton } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { dangerBanner } from './case-facts';
import { said } from './refusals';
import { characters, formParts, MAX_NOTES } from './report-parts';

type FieldName = 'address' | 'notes' | 'channel' | 'family_name' | 'given_name' | 'phone' | 'override_reason';

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

export function reportForm(onBack: () => void, onSaved: (created: Case) => void): HTMLElement {
  const author = account()?.id ?? 0;
  if (!mayWrite()) return onlyLooking(onBack, t('report.title'));
  let draft: ReportDraft = loadDraft(author);
  let saving = false;
  const found = !isEmptyDraft(draft);
  const parts = formParts<FieldName>();

  const set = (change: Partial<ReportDraft>): void => {
    draft = { ...draft, ...change };
    saveDraft(author, draft);
  };

  function clearErrors(): void {
    parts.clear();
    general.replaceChildren();
  }

  const address = parts.address(
    'address',
    t('report.address'),
    t('report.address_hint'),
    true,
    draft.address,
    (text, addressId) => set({ address: text, address_id: addressId }),
    () => ({
      text: draft.address === '' ? '' : t(draft.address_id === null ? 'report.address_free' : 'report.address_found'),
      known: draft.address_id !== null,
    }),
  );
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

  // Rule 1: the numbers to call are there at once.
  const numbers = h('div', {});
  const showDanger = (): void => fill(numbers, draft.danger && dangerBanner(['danger_immediat']));
  const danger = h('input', {
    type: 'checkbox',
    on: {
      change: () => {
        set({ danger: danger.checked });
        showDanger();
      },
    },
  });
  danger.checked = draft.danger;

  const text = (name: 'family_name' | 'given_name' | 'phone', hint: string | null): HTMLElement =>
    parts.line(name, t(`report.${name}`), hint, draft[name], (value) => set({ [name]: value }));

  // Rule 2: who refused before is a warning with its day, never a wall.
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
    address,
    notes,
    channel,
    h('label', { class: 'check' }, danger, h('span', {}, t('report.danger'))),
    numbers,
    h(
      'fieldset',
      { class: 'who' },
      h('legend', { class: 'field-label' }, t('report.who')),
      h('div', { class: 'pair' }, text('given_name', null), text('family_name', null)),
      text('phone', t('report.phone_hint')),
    ),
    refusal,
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

  function check(): number {
    const missing: [FieldName, TextKey][] = [];
    if (draft.address.trim() === '') missing.push(['address', 'report.error.address']);
    if (draft.notes.trim() === '') missing.push(['notes', 'report.error.notes']);
    else if (characters(draft.notes) > MAX_NOTES) missing.push(['notes', 'report.error.notes_long']);
    if (draft.channel === '') missing.push(['channel', 'report.error.channel']);
    for (const [name, key] of missing) parts.fail(name, t(key));
    return missing.length;
  }

  async function submit(): Promise<void> {
    if (saving) return;
    clearErrors();
    const missing = check();
    if (missing > 0) {
      announce(tn('report.errors', missing));
      parts.focusFirstError();
      return;
    }
    saving = true;
    save.setAttribute('aria-disabled', 'true');
    save.textContent = t('report.saving');
    try {
      const created = await createCase({
        address_id: draft.address_id,
        address: draft.address.trim(),
        family_name: draft.family_name.trim(),
        given_name: draft.given_name.trim(),
        phone: draft.phone.trim(),
        notes: draft.notes.trim(),
        channel: draft.channel,
        danger: draft.danger,
        override_reason: reason?.trim() || null,
      });
      clearDraft();
      notice(t('report.saved', { reference: created.properties.reference }), null, 'good');
      onSaved(created);
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'opposition_recorded') {
        if (reason === null) warnOfRefusal(error.problem.detail ?? '');
        else parts.fail('override_reason', t('report.error.override_reason'));
        parts.focusFirstError();
        return;
      }
      const name = error instanceof Refused ? error.problem.field : undefined;
      if (error instanceof Refused && error.problem.status === 422 && name !== undefined) {
        const known = name === 'address_id' ? 'address' : name;
        if (parts.has(known)) {
          const key = `report.error.${known}`;
          parts.fail(known, known === 'address' || known === 'notes' || known === 'channel' || known === 'phone' ? t(key as TextKey) : t(known === 'override_reason' ? 'report.error.override_reason' : 'report.error.other'));
          parts.focusFirstError();
          return;
        }
      }
      fill(general, problemBox(said(error), null));
      general.scrollIntoView({ block: 'nearest' });
    } finally {
      saving = false;
      save.removeAttribute('aria-disabled');
      save.textContent = t(reason === null ? 'report.save' : 'report.save_anyway');
    }
  }

  showDanger();
  return h(
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
}
