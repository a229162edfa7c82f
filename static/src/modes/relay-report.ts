/// "Signaler", for a relay without an account: the sticker's link brings the code along in the part of the address that a
/// browser sends nobody. Danger comes first; then two answers are enough. The draft survives a reload, and nothing that was
/// typed is lost when the server refuses.
import { Refused } from '../api/client';
import { sendRelayReport } from '../api/relay-reports';
import { bag } from '../state/cell';
import { readCode } from '../state/receipt';
import { clearRelayDraft, EMPTY_RELAY_DRAFT, isEmptyRelayDraft, loadRelayDraft, RELAY_SIGNS, type RelayDraft, type RelaySign, saveRelayDraft } from '../state/relay-draft';
import { formatRoute, type PlainRoute } from '../state/route';
import { viewingAs } from '../state/session';
import { t, tn, type TextKey } from '../text';
import { announce, notice } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { relayGuide } from '../ui/help';
import { icon } from '../ui/icons';
import { problemBox, waiting } from '../ui/problems';
import type { Enter } from './context';
import { said } from './refusals';
import { onlyLooking } from './report';
import { characters, formParts, MAX_NOTES } from './report-parts';

type FieldName = 'code' | 'notes' | 'address' | 'name' | 'reporter';

/// Whom to call, by sign; product rule 1.
const CALLS: Readonly<Record<RelaySign, readonly { readonly said: TextKey; readonly calls: readonly (readonly [href: string, number: string])[] }[]>> = {
  danger_immediat: [
    { said: 'relay_report.call.danger_immediat', calls: [['tel:15', '15'], ['tel:112', '112']] },
    { said: 'relay_report.call.sms', calls: [['sms:114', '114']] },
  ],
  idees_suicidaires: [{ said: 'relay_report.call.idees_suicidaires', calls: [['tel:3114', '3114']] }],
  child: [{ said: 'relay_report.call.child', calls: [['tel:119', '119']] }],
};

function callFirst(signs: readonly RelaySign[]): HTMLElement | null {
  if (signs.length === 0) return null;
  return h(
    'div',
    { class: 'callout callout-danger call-first', role: 'alert' },
    icon('warning'),
    h(
      'div',
      {},
      h('strong', {}, t('relay_report.call_first')),
      h(
        'ul',
        { class: 'urgent' },
        signs.flatMap((sign) =>
          CALLS[sign].map((line) =>
            h('li', {}, h('span', { class: 'urgent-numbers' }, line.calls.map(([href, number]) => h('a', { href }, number))), h('span', {}, t(line.said))),
          ),
        ),
      ),
      h('p', {}, t('relay_report.call_next')),
    ),
  );
}

/// What is shown once it was sent: the number to keep, and nothing of the report.
function receiptPage(receipt: string, again: () => void): HTMLElement {
  return h(
    'section',
    { class: 'page relay-page' },
    h('h1', { tabindex: '-1' }, t('receipt.sent')),
    h('p', { class: 'lead' }, t('receipt.sent_next')),
    h(
      'div',
      { class: 'receipt' },
      h('h2', {}, t('receipt.number')),
      h('p', { class: 'receipt-number' }, receipt),
      h(
        'button',
        {
          type: 'button',
          class: 'button',
          on: {
            click: () => {
              void navigator.clipboard?.writeText(receipt).then(
                () => notice(t('receipt.copied'), null, 'good'),
                () => undefined,
              );
            },
          },
        },
        t('receipt.copy'),
      ),
    ),
    h('p', {}, t('receipt.keep')),
    h(
      'div',
      { class: 'form-actions' },
      h('a', { class: 'button', href: formatRoute({ mode: 'receipt', parts: [], params: {} }) }, t('receipt.follow')),
      h('button', { type: 'button', class: 'button button-quiet', on: { click: again } }, icon('plus'), t('receipt.another')),
    ),
  );
}

export const enterRelayReport: Enter = (ctx) => {
  const undo = bag();
  const { panel } = ctx;
  let draft: RelayDraft = loadRelayDraft();
  let sending = false;

  const set = (change: Partial<RelayDraft>): void => {
    draft = { ...draft, ...change };
    saveRelayDraft(draft);
  };

  function top(): void {
    panel.list.scrollTop = 0;
    panel.list.querySelector<HTMLElement>('h1')?.focus();
  }

  function draw(): void {
    if (viewingAs.get() !== null) {
      fill(panel.list, h('div', { class: 'page' }, onlyLooking(() => ctx.go({ mode: 'home' }), t('relay_report.title'))));
      return;
    }
    const found = !isEmptyRelayDraft(draft);
    const parts = formParts<FieldName>();
    const general = h('div', {});
    const numbers = h('div', {});
    const showNumbers = (): void => fill(numbers, callFirst(draft.signs));

    const check = (sign: RelaySign): HTMLElement => {
      const box = h('input', {
        type: 'checkbox',
        on: {
          change: () => {
            set({ signs: RELAY_SIGNS.filter((other) => (other === sign ? box.checked : draft.signs.includes(other))) });
            showNumbers();
          },
        },
      });
      box.checked = draft.signs.includes(sign);
      return h('label', { class: 'check' }, box, h('span', {}, t(`relay_report.signs.${sign}`)));
    };

    const text = (name: 'notes' | 'address' | 'name' | 'reporter' | 'code', hint: string | null, required: boolean, more: Readonly<Record<string, unknown>> = {}): HTMLElement =>
      parts.field(name, t(`relay_report.${name}`), hint, required, ({ id, describedBy }) => {
        const control = h('input', {
          id,
          type: 'text',
          autocomplete: 'off',
          maxlength: 200,
          required,
          'aria-required': String(required),
          'aria-describedby': describedBy,
          ...more,
          on: { input: () => set({ [name]: control.value }) },
        });
        control.value = draft[name];
        return { control };
      });

    // The code that came with the address is shown, and typed only when it came otherwise.
    const codeBox = h('div', {});
    const typeCode = (): void => fill(codeBox, text('code', t('relay_report.code_hint'), true, { autocapitalize: 'characters', spellcheck: 'false', class: 'code-input' }));
    const known = readCode(draft.code);
    if (known === null) typeCode();
    else {
      fill(
        codeBox,
        h(
          'p',
          { class: 'code-known' },
          h('span', {}, t('relay_report.code_known'), h('strong', {}, known)),
          h(
            'button',
            {
              type: 'button',
              class: 'button button-quiet',
              on: {
                click: () => {
                  typeCode();
                  codeBox.querySelector('input')?.focus();
                },
              },
            },
            t('relay_report.code_other'),
          ),
        ),
      );
    }

    function failed(name: FieldName, why: TextKey): void {
      if (name === 'code' && !parts.has('code')) typeCode();
      parts.fail(name, t(why));
      parts.focusFirstError();
    }

    function missing(): number {
      const wrong: [FieldName, TextKey][] = [];
      if (readCode(draft.code) === null) wrong.push(['code', 'relay_report.error.code']);
      if (draft.notes.trim() === '') wrong.push(['notes', 'relay_report.error.notes']);
      else if (characters(draft.notes) > MAX_NOTES) wrong.push(['notes', 'relay_report.error.notes_long']);
      if (draft.address.trim() === '') wrong.push(['address', 'relay_report.error.address']);
      for (const [name, key] of wrong) {
        if (name === 'code' && !parts.has('code')) typeCode();
        parts.fail(name, t(key));
      }
      return wrong.length;
    }

    function refused(error: unknown): void {
      const problem = error instanceof Refused ? error.problem : null;
      if (problem?.code === 'unknown_code') return failed('code', 'relay_report.error.code_unknown');
      if (problem?.status === 422) {
        const name = problem.field as FieldName | undefined;
        if (name === 'code') return failed('code', 'relay_report.error.code');
        if (name === 'notes' || name === 'address') return failed(name, `relay_report.error.${name}`);
        if (name === 'name' || name === 'reporter') return failed(name, 'relay_report.error.line');
      }
      const box =
        problem?.code === 'too_many_attempts'
          ? { title: t('relay_report.too_many'), next: t('relay_report.too_many_next', { wait: waiting(problem.retry_after_s ?? 60) }) }
          : problem?.status === 403
            ? said(error)
            : { title: t('relay_report.not_sent'), next: t('relay_report.not_sent_next') };
      fill(general, problemBox(box, null));
      general.scrollIntoView({ block: 'nearest' });
    }

    const send = h('button', { type: 'submit', class: 'button button-main' }, t('relay_report.send'));
    async function submit(): Promise<void> {
      if (sending) return;
      parts.clear();
      general.replaceChildren();
      const wrong = missing();
      if (wrong > 0) {
        announce(tn('relay_report.errors', wrong));
        parts.focusFirstError();
        return;
      }
      sending = true;
      send.setAttribute('aria-disabled', 'true');
      send.textContent = t('relay_report.sending');
      try {
        const { code, notes, address, name, reporter, signs } = draft;
        const receipt = await sendRelayReport({
          code: readCode(code) ?? code,
          notes: notes.trim(),
          address: address.trim(),
          name: name.trim(),
          reporter: reporter.trim(),
          signs: signs.filter((sign) => sign !== 'child'),
        });
        clearRelayDraft();
        draft = { ...EMPTY_RELAY_DRAFT, code };
        fill(panel.list, receiptPage(receipt, () => {
          draw();
          top();
        }));
        top();
      } catch (error) {
        refused(error);
      } finally {
        sending = false;
        send.removeAttribute('aria-disabled');
        send.textContent = t('relay_report.send');
      }
    }

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
        },
      },
      h(
        'fieldset',
        { class: 'danger-first' },
        h('legend', { class: 'field-label' }, t('relay_report.danger')),
        h('p', { class: 'hint' }, t('relay_report.danger_hint')),
        RELAY_SIGNS.map(check),
      ),
      numbers,
      parts.notes('notes', t('relay_report.notes'), t('relay_report.notes_hint'), true, draft.notes, (value) => set({ notes: value })),
      text('address', t('relay_report.address_hint'), true),
      text('name', null, false),
      text('reporter', t('relay_report.reporter_hint'), false),
      codeBox,
      general,
      h('p', { class: 'hint' }, t('relay_report.told'), ' ', h('a', { href: formatRoute({ mode: 'notice', notice: 'personal_data' }) }, t('relay_report.privacy'))),
      h(
        'div',
        { class: 'form-actions' },
        send,
        found &&
          h(
            'button',
            {
              type: 'button',
              class: 'button button-quiet',
              on: {
                click: () => {
                  clearRelayDraft();
                  draft = { ...EMPTY_RELAY_DRAFT, code: draft.code };
                  draw();
                  top();
                },
              },
            },
            t('relay_report.discard'),
          ),
      ),
    );
    showNumbers();
    fill(
      panel.list,
      h(
        'section',
        { class: 'page relay-page' },
        h('div', { class: 'panel-title' }, h('h1', { tabindex: '-1' }, t('relay_report.title')), h('p', { class: 'lead' }, t('relay_report.lead'))),
        found && h('p', { class: 'hint draft-found' }, t('relay_report.draft')),
        form,
        relayGuide(),
        h('a', { class: 'back-link', href: formatRoute({ mode: 'home' }) }, icon('back'), t('relay_report.public')),
      ),
    );
  }

  let drawn = false;
  undo.add(
    ctx.route.watch((route) => {
      if (route.mode !== 'relay_report') return;
      const brought = readCode((route as PlainRoute).parts[0] ?? '');
      const other = brought !== null && brought !== draft.code;
      if (other) set({ code: brought });
      if (other || !drawn) draw();
      drawn = true;
    }),
  );
  undo.add(() => panel.clear());
  return undo.empty;
};
