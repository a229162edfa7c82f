/// "Droits": what persons ask of the city about their data, with the month in which it is answered.
import {
  carryOut,
  closeRequest,
  createRequest,
  fetchNotices,
  fetchRequests,
  findSubjects,
  proveRequest,
  type FoundSubject,
  type RequestKind,
  type RequestOutcome,
  type RightsRequest,
} from '../api/desks';
import { bag } from '../state/cell';
import type { PlainRoute } from '../state/route';
import { codesOf, label, t, tn } from '../text';
import { count, date, dateTime } from '../text/format';
import { announce, notice } from '../ui/announce';
import { chips, fact } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { textArea, textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { settle, walkable } from '../ui/walker';
import { clockTag, clockWords, urgency } from './clock-words';
import type { Enter } from './context';
import {
  choiceField,
  confirmByReference,
  type Control,
  dateField,
  detailPage,
  downloadLink,
  failAt,
  form,
  hrefOf,
  idOf,
  listPage,
  NOTE_MAX,
  noteLeft,
  noteTooLong,
  nothing,
  openByAddress,
  part,
  pastDay,
  source,
  today,
  unknownPage,
} from './desk-parts';
import { proofPart, proveAgain } from './proof';
import { said } from './refusals';

const ROW = '.row';
const KINDS = codesOf('rights.kinds') as RequestKind[];
type Shown = 'open' | 'closed';

function shownOf(params: Readonly<Record<string, string>>): Shown {
  return params['voir'] === 'cloturees' ? 'closed' : 'open';
}
const PARAMS: Readonly<Record<Shown, Readonly<Record<string, string>>>> = { open: {}, closed: { voir: 'cloturees' } };

function titleOf(one: RightsRequest): string {
  const kind = label('rights.kinds', one.kind);
  if (one.subject === null) return t('rights.of_nobody', { kind });
  const { reference } = one.subject;
  return reference === null ? t('rights.of_gone', { kind }) : t('rights.of', { kind, reference });
}

/// Open ones by deadline, closed ones by the day they were closed, newest first.
function inOrder(requests: readonly RightsRequest[], shown: Shown): RightsRequest[] {
  return requests
    .filter((one) => (one.closed_on === null) === (shown === 'open'))
    .sort((a, b) => (shown === 'open' ? a.due_on.localeCompare(b.due_on) : (b.closed_on ?? '').localeCompare(a.closed_on ?? '')) || a.id - b.id);
}

// ---- whose data it is

interface SubjectField {
  readonly element: HTMLElement;
  /// The one that was chosen; `null` when the person was not found, or not looked for.
  chosen(): FoundSubject | null;
  /// Whether what was typed was looked for, and what was found was chosen; marks what is missing.
  check(): boolean;
}

/// Finds records by exactly what the person says of himself or herself; shows references and nothing else.
function subjectField(): SubjectField {
  const name = textField({ label: t('rights.name'), hint: t('rights.name_hint'), autocomplete: 'off', maxlength: 200 });
  const phone = textField({ label: t('rights.phone'), hint: t('rights.phone_hint'), autocomplete: 'off', maxlength: 40 });
  const address = textField({ label: t('rights.address'), hint: t('rights.address_hint'), autocomplete: 'off', maxlength: 200 });
  const fields = [name, phone, address];
  for (const field of fields) field.input.required = false;
  phone.input.type = 'tel';
  const results = h('div', { class: 'found' });
  let found: readonly FoundSubject[] = [];
  let choice: (Control & { chosen(): string[] }) | null = null;
  let busy = false;
  const told = (): { name: string; phone: string; address: string } => ({
    name: name.input.value.trim(),
    phone: phone.input.value.trim(),
    address: address.input.value.trim(),
  });
  const nothingTold = (): boolean => Object.values(told()).every((text) => text === '');
  /// What was typed when it was last looked for.
  let sought = '';

  function show(): void {
    const text = found.length === 0 ? t('rights.found_none') : tn('rights.found', found.length, count(found.length));
    announce(text);
    if (found.length === 0) {
      choice = null;
      fill(results, h('div', { class: 'callout callout-plain' }, icon('search'), h('div', {}, h('strong', {}, text), h('p', {}, t('rights.found_none_next')))));
      return;
    }
    const only = found.length === 1 ? ['0'] : [];
    choice = choiceField(
      t('rights.choose'),
      text,
      [
        ...found.map((one, i) => ({
          value: String(i),
          label: t(`rights.subjects.${one.kind}`, { reference: one.reference }),
          ...(one.since_on === null ? {} : { hint: t('rights.subject_since', { date: date(one.since_on) }) }),
        })),
        { value: 'none', label: t('rights.subject_none') },
      ],
      only,
      false,
    );
    fill(results, choice.element);
  }

  async function search(): Promise<void> {
    if (busy) return;
    if (nothingTold()) {
      failAt(name, t('rights.search_missing'));
      return;
    }
    busy = true;
    try {
      const asked = told();
      found = await findSubjects(asked);
      sought = JSON.stringify(asked);
      show();
    } catch (error) {
      fill(results, problemBox(said(error), () => void search()));
    } finally {
      busy = false;
    }
  }

  for (const field of fields) {
    field.input.addEventListener('input', () => {
      name.mend();
      // What was found answers another question.
      found = [];
      choice = null;
      sought = '';
      results.replaceChildren();
    });
    // Enter looks for the person; it does not send what is not filled in yet.
    field.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      void search();
    });
  }
  return {
    element: h(
      'fieldset',
      { class: 'form-part subject-search' },
      h('legend', { class: 'field-label' }, t('rights.who')),
      h('p', { class: 'hint' }, t('rights.who_hint')),
      name.element,
      h('div', { class: 'pair' }, phone.element, address.element),
      h('div', { class: 'form-actions' }, h('button', { type: 'button', class: 'button', on: { click: () => void search() } }, icon('search'), t('rights.search'))),
      results,
    ),
    chosen() {
      const at = choice?.chosen()[0];
      return at === undefined || at === 'none' ? null : (found[Number(at)] ?? null);
    },
    check() {
      if (!nothingTold() && sought === '') return failAt(name, t('rights.search_first'));
      return choice === null || choice.chosen().length > 0 || failAt(choice, t('rights.subject_choose'));
    },
  };
}

export const enterRights: Enter = (ctx) => {
  const undo = bag();
  const shown = (): Shown => shownOf(opened.route().params);

  const emergencies = h('div', {});
  const filter = chips<Shown>(
    t('rights.filter'),
    [
      { value: 'open', label: t('rights.open') },
      { value: 'closed', label: t('rights.closed') },
    ],
    shownOf((ctx.route.get() as PlainRoute).params),
    (value) => ctx.go({ mode: 'rights', parts: [], params: PARAMS[value] }, 'replace'),
  );
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('rights.list') });
  const state = h('div', {});
  const empty = h('div', {});
  walkable(list, ROW);
  fill(
    ctx.panel.list,
    listPage(
      t('rights.title'),
      t('rights.lead'),
      [emergencies, h('a', { class: 'button button-main desk-new', href: hrefOf('rights', ['nouvelle']) }, icon('plus'), t('rights.new')), filter.element, total],
      state,
      list,
      empty,
    ),
  );

  function row(one: RightsRequest): HTMLElement {
    return h(
      'li',
      {},
      h(
        'a',
        { class: 'row', href: hrefOf('rights', [one.id], opened.route().params), 'data-id': one.id },
        h(
          'span',
          { class: 'row-text' },
          h(
            'span',
            { class: 'row-main' },
            h('span', { class: 'row-name' }, titleOf(one)),
            one.closed_on === null ? clockTag(one.days_left) : h('span', { class: 'tag' }, label('rights.outcomes', one.outcome ?? '')),
          ),
          h(
            'span',
            { class: 'row-sub' },
            h('span', {}, t('rights.received', { date: date(one.received_on) })),
            h('span', {}, one.closed_on === null ? t('rights.due_by', { date: date(one.due_on) }) : t('rights.closed_by', { date: date(one.closed_on) })),
          ),
        ),
      ),
    );
  }

  function render(): void {
    const all = requests.value();
    if (all === null) return;
    const what = shown();
    filter.choose(what);
    const rows = inOrder(all, what);
    fill(list, rows.map(row));
    settle(list, ROW);
    const late = what === 'open' ? rows.filter((one) => urgency(one.days_left) === 'late').length : 0;
    const text = tn(`rights.count_${what}`, rows.length, count(rows.length)) + (late > 0 ? `, ${tn('rights.count_late', late, count(late))}` : '');
    total.textContent = rows.length === 0 ? '' : text;
    filter.counts({ open: count(inOrder(all, 'open').length), closed: count(inOrder(all, 'closed').length) });
    fill(empty, rows.length === 0 && (what === 'open' ? nothing(t('rights.empty'), t('rights.empty_next')) : nothing(t('rights.empty_closed'), t('rights.empty_closed_next'))));
  }

  const requests = source(state, 5, fetchRequests, () => {
    render();
    opened.arrive();
  });

  const told = source(emergencies, 0, fetchNotices, (all) => {
    const unread = all.filter((one) => one.seen_at === null).length;
    fill(
      emergencies,
      unread > 0 &&
        h(
          'div',
          { class: 'callout callout-danger' },
          icon('key'),
          h('div', {}, h('strong', {}, tn('rights.notices', unread, count(unread))), h('a', { class: 'inline-link', href: hrefOf('audit') }, t('rights.notices_next'))),
        ),
    );
  });

  function take(next: RightsRequest): void {
    requests.set([...(requests.value() ?? []).filter((one) => one.id !== next.id), next]);
  }

  function newRequest(): HTMLElement {
    const kind = choiceField<RequestKind>(
      t('rights.kind'),
      '',
      KINDS.map((code) => ({ value: code, label: label('rights.kinds', code), hint: label('rights.kind_says', code) })),
      [],
      false,
    );
    const subject = subjectField();
    const received = dateField(t('rights.received_on'), t('rights.received_hint'), today());
    const note = textArea(t('rights.note'), t('rights.note_hint'), NOTE_MAX, noteLeft);
    note.input.required = false;
    return detailPage(
      opened.back,
      t('rights.new'),
      null,
      h('p', { class: 'hint' }, t('rights.form_lead')),
      form({
        button: t('rights.save'),
        content: [kind.element, subject.element, received.element, note.element],
        aside: h('a', { class: 'button button-quiet', href: hrefOf('rights') }, t('common.leave_it')),
        check() {
          if (kind.chosen().length === 0) return failAt(kind, t('rights.kind_missing'));
          if (!subject.check()) return false;
          if (!pastDay(received.input.value)) return failAt(received, t('desk.wrong_date'));
          return !noteTooLong(note.input.value) || failAt(note, t('desk.note_long'));
        },
        async work() {
          const chosen = subject.chosen();
          const next = await createRequest({
            kind: kind.chosen()[0] as RequestKind,
            subject: chosen === null ? null : { kind: chosen.kind, id: chosen.id },
            received_on: received.input.value,
            note: note.input.value.trim(),
          });
          take(next);
          notice(t('rights.saved'), t('rights.saved_next', { date: date(next.due_on) }), 'good');
          ctx.go({ mode: 'rights', parts: [String(next.id)], params: {} }, 'replace');
        },
        refused({ field }) {
          if (field === 'received_on') return !failAt(received, t('desk.wrong_date'));
          if (field === 'note') return !failAt(note, t('desk.note_long'));
          return false;
        },
      }),
    );
  }

  /// What answers the request, by its kind.
  function answer(one: RightsRequest): HTMLElement {
    const { subject } = one;
    if (one.carried_out_at !== null && one.kind === 'rectification') {
      const line = t('rights.rectified_line', { at: dateTime(one.carried_out_at) });
      return part(t('rights.answer'), h('p', { class: 'good-line' }, icon('check'), h('span', {}, line)), h('p', {}, t('rights.rectified_next')));
    }
    if (one.carried_out_at !== null) {
      const line = t('rights.erased_line', { at: dateTime(one.carried_out_at) });
      return part(t('rights.answer'), h('p', { class: 'good-line' }, icon('check'), h('span', {}, line)), h('p', {}, t('rights.erased_next')));
    }
    if (subject === null) return part(t('rights.answer'), h('p', {}, t('rights.nobody_what')));
    const { reference } = subject;
    if (reference === null) return part(t('rights.answer'), h('p', {}, t('rights.gone_what')));
    if (one.kind === 'access') {
      return part(
        t('rights.answer'),
        h('p', {}, t('rights.access_what')),
        downloadLink(`/rights/requests/${one.id}/export`, t('rights.access_file', { reference }), t('rights.access_do'), 'button-main'),
        h('p', { class: 'hint' }, t('rights.access_after')),
      );
    }
    if (one.kind === 'rectification') {
      return part(
        t('rights.answer'),
        h('p', {}, t(subject.kind === 'case' ? 'rights.rectification_what' : 'rights.rectification_file', { reference })),
        subject.kind === 'case' && h('p', { class: 'hint' }, t('rights.rectification_waits')),
      );
    }
    return part(
      t('rights.erase_title', { reference }),
      h('p', {}, t(one.kind === 'erasure' ? 'rights.erase_what' : 'rights.opposition_what')),
      h('p', {}, h('strong', {}, t('desk.irreversible'))),
      confirmByReference(
        reference,
        t('rights.erase_do', { reference }),
        async () => {
          const next = await carryOut(one.id);
          take(next);
          notice(t('rights.erased'), t(next.unproved ? 'retention.unproved' : 'rights.erased_next'), next.unproved ? 'bad' : 'good');
          opened.redraw(true);
        },
        ({ code }) => code === 'still_has_cases' && { title: t('rights.still_has_cases'), next: t('rights.still_has_cases_next') },
      ),
    );
  }

  function closing(one: RightsRequest): HTMLElement {
    const outcome = choiceField<RequestOutcome>(
      t('rights.outcome'),
      '',
      [
        { value: 'granted', label: t('rights.outcome_granted') },
        { value: 'refused', label: t('rights.outcome_refused') },
      ],
      [],
      false,
    );
    const note = textArea(t('rights.close_note'), t('rights.close_note_hint'), NOTE_MAX, noteLeft);
    note.input.required = false;
    return part(
      t('rights.close'),
      h('p', {}, t('rights.close_what')),
      form({
        button: t('rights.close_do'),
        look: '',
        content: [outcome.element, note.element],
        check() {
          const chosen = outcome.chosen()[0];
          if (chosen === undefined) return failAt(outcome, t('rights.outcome_missing'));
          if (noteTooLong(note.input.value)) return failAt(note, t('desk.note_long'));
          return chosen !== 'refused' || note.input.value.trim() !== '' || failAt(note, t('rights.refused_note_missing'));
        },
        async work() {
          const next = await closeRequest(one.id, outcome.chosen()[0] as RequestOutcome, note.input.value.trim());
          take(next);
          notice(t('rights.closed_done'), null, 'good');
          opened.back();
        },
        refused({ code, field }) {
          if (code === 'not_carried_out') return !failAt(outcome, t('rights.not_carried_out'));
          return field === 'note' && !failAt(note, t('desk.note_long'));
        },
      }),
    );
  }

  function about({ subject }: RightsRequest): Child {
    if (subject === null) return t('rights.about_nobody');
    return [
      h('span', { class: 'about' }, subject.reference === null ? t('rights.about_gone') : t(`rights.subjects.${subject.kind}`, { reference: subject.reference })),
      ' ',
      h('a', { class: 'inline-link', href: hrefOf('audit', [], { personne: subject.pseudonym }) }, t('rights.who_read')),
    ];
  }

  function detail(one: RightsRequest): HTMLElement {
    return detailPage(
      opened.back,
      titleOf(one),
      one.closed_on === null ? clockTag(one.days_left) : h('span', { class: 'tag' }, t('rights.closed_tag')),
      h(
        'dl',
        { class: 'facts' },
        fact(t('rights.asked'), label('rights.kind_says', one.kind)),
        fact(t('rights.about'), about(one)),
        fact(t('rights.received_fact'), date(one.received_on)),
        one.closed_on === null
          ? fact(t('rights.due'), t('rights.due_by', { date: date(one.due_on) }), h('span', { class: 'visually-hidden' }, ` (${clockWords(one.days_left)})`))
          : fact(t('rights.closed_fact'), t('rights.closed_with', { outcome: label('rights.outcomes', one.outcome ?? ''), date: date(one.closed_on) })),
        one.note !== '' && fact(t('rights.note'), h('span', { class: 'notes' }, one.note)),
      ),
      one.closed_on === null && answer(one),
      one.proof !== null && proofPart(one.proof),
      one.unproved &&
        proveAgain(async () => {
          const next = await proveRequest(one.id);
          take(next);
          if (!next.unproved) notice(t('retention.proved'), null, 'good');
          opened.redraw(true);
        }),
      one.closed_on === null && closing(one),
    );
  }

  const opened = openByAddress(
    ctx,
    'rights',
    ([first]) => {
      if (first === 'nouvelle') return newRequest();
      const all = requests.value();
      if (all === null) return null;
      const one = all.find((other) => other.id === idOf(first));
      return one ? detail(one) : unknownPage(opened.back, t('rights.unknown'));
    },
    render,
  );

  undo.add(opened.drop);
  undo.add(requests.drop);
  undo.add(told.drop);
  undo.add(() => ctx.panel.clear());
  opened.arrive();
  requests.load();
  told.load();
  return undo.empty;
};
