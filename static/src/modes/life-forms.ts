/// What is asked before an act is noted: the fields of each act that needs more than a press.
import type { LivedProps, NewMove } from '../api/life';
import type { Volunteer } from '../api/types';
import { codesOf, label, t, type TextKey } from '../text';
import { freshId, h, type Child } from '../ui/dom';
import { select } from '../ui/controls';
import { textArea } from '../ui/fields';
import { choiceField, type Control, dateField, failAt, NOTE_MAX, noteLeft, noteTooLong, pastDay, today } from './desk-parts';
import { daysAfter, ofName } from './life-words';

/// Shortest word on what was done about a danger.
const CLEARED_MIN = 10;
/// A next contact is suggested after so many days.
const NEXT_DAYS = 14;

export interface ActForm {
  readonly title: string;
  readonly button: string;
  readonly look: string;
  readonly content: readonly Child[];
  /// Marks the first field that is wrong.
  check(): boolean;
  read(): NewMove;
  /// The server found a day wrong.
  wrongDay(): void;
}

export interface ActFacts {
  readonly p: LivedProps;
  /// The volunteer's name, or a word for it.
  readonly name: string;
  readonly volunteers: readonly Volunteer[];
}

/// The word on the button that begins an act.
export function actWord(act: string, { p, name }: Pick<ActFacts, 'p' | 'name'>): string {
  const params = { name, of: ofName(name) };
  if (act === 'contact') {
    if (p.state === 'accepted') return t('life.act.contact_first');
    return t(p.state === 'accompanied' || p.state === 'paused' ? 'life.act.contact_visit' : 'life.act.contact');
  }
  if (act === 'back_up' && typeof p.backup_id === 'number') return t('life.act.back_up_change');
  return t(`life.act.${act}` as TextKey, params);
}

function noteField(labelText: string, hint: string, needed: boolean): ReturnType<typeof textArea> {
  const field = textArea(labelText, hint, NOTE_MAX, noteLeft);
  field.input.required = needed;
  return field;
}

function optionalNote(): ReturnType<typeof textArea> {
  return noteField(t('life.form.note'), t('life.form.note_hint'), false);
}

function fits(note: ReturnType<typeof textArea>): boolean {
  return !noteTooLong(note.input.value) || failAt({ ...note, element: note.element }, t('desk.note_long'));
}

function oneOf(legend: string, list: string, codes: readonly string[]): Control & { chosen(): string[] } {
  return choiceField(legend, '', codes.map((value) => ({ value, label: label(list, value) })), [], false);
}

type Plain = Pick<ActForm, 'content' | 'check' | 'read'> & Partial<Pick<ActForm, 'look' | 'wrongDay'>>;

function contact(p: LivedProps): Plain {
  const day = dateField(t('life.form.day'), t('life.form.day_hint'), today());
  const how = oneOf(t('life.form.how'), 'life.kind', codesOf('life.kind'));
  const noticed = choiceField(t('life.form.noticed'), '', codesOf('life.impression').map((value) => ({ value, label: label('life.impression', value) })), [], true);
  const note = optionalNote();
  const next = dateField(t('life.form.next'), t('life.form.next_hint'), daysAfter(today(), NEXT_DAYS), { min: today() });
  how.element.classList.add('choices-pair');
  noticed.element.classList.add('choices-pair');
  return {
    content: [how.element, day.element, noticed.element, note.element, next.element],
    check() {
      how.mend();
      if (how.chosen().length === 0) return failAt(how, t('life.form.how_missing'));
      if (!pastDay(day.input.value) || day.input.value < p.reported_on) return failAt(day, t('life.form.day_wrong'));
      if (!fits(note)) return false;
      return next.input.value === '' || next.input.value >= today() || failAt(next, t('life.form.next_wrong'));
    },
    read: () => ({
      act: 'contact',
      on: day.input.value,
      note: note.input.value.trim(),
      visit: { kind: how.chosen()[0] ?? '', impressions: noticed.chosen() },
      ...(next.input.value === '' ? {} : { next_contact_on: next.input.value }),
    }),
    wrongDay: () => void failAt(day, t('life.form.day_wrong')),
  };
}

/// A reason from a closed list, and words.
function withReason(act: string, legend: string, list: string, codes: readonly string[], what: Child = null): Plain {
  const why = oneOf(legend, list, codes);
  const note = optionalNote();
  return {
    content: [what, why.element, note.element],
    check: () => (why.chosen().length > 0 || failAt(why, t('life.form.why_missing'))) && fits(note),
    read: () => ({ act, why: why.chosen()[0] ?? '', note: note.input.value.trim() }),
  };
}

function withWords(act: string, what: string): Plain {
  const note = optionalNote();
  return { content: [h('p', {}, what), note.element], check: () => fits(note), read: () => ({ act, note: note.input.value.trim() }) };
}

function clearDanger(): Plain {
  const note = noteField(t('life.form.cleared'), t('life.form.cleared_hint'), true);
  return {
    content: [note.element],
    check: () => ([...note.input.value.trim()].length >= CLEARED_MIN || failAt({ ...note }, t('life.form.cleared_missing'))) && fits(note),
    read: () => ({ act: 'clear_danger', note: note.input.value.trim() }),
  };
}

function backUp({ p, volunteers }: ActFacts): Plain {
  const id = freshId('backup');
  const others = volunteers
    .filter((one) => one.properties.active && one.id !== p.volunteer_id)
    .sort((a, b) => a.properties.name.localeCompare(b.properties.name, 'fr'))
    .map((one) => ({ value: String(one.id), label: one.properties.name }));
  const nobody = typeof p.backup_id === 'number' ? [{ value: 'none', label: t('life.form.back_up_nobody') }] : [];
  let chosen = '';
  const element = select(t('life.form.back_up_who'), [{ value: '', label: t('life.choose') }, ...nobody, ...others], '', (value) => {
    chosen = value;
    error.replaceChildren();
  });
  element.classList.remove('field-inline');
  const error = h('p', { class: 'field-error', id });
  element.append(error);
  const input = element.querySelector('select') as HTMLSelectElement;
  input.setAttribute('aria-describedby', id);
  return {
    content: [element],
    check() {
      if (chosen !== '') return true;
      error.textContent = t('life.form.back_up_missing');
      input.focus();
      return false;
    },
    read: () => ({ act: 'back_up', ...(chosen === 'none' ? {} : { volunteer_id: Number(chosen) }) }),
  };
}

function fieldsOf(act: string, facts: ActFacts): Plain | null {
  const of = ofName(facts.name);
  switch (act) {
    case 'contact':
      return contact(facts.p);
    case 'decline':
      return withReason(act, t('life.form.why'), 'life.why.decline', codesOf('life.why.decline'));
    case 'close':
      // A refusal is no closing: it erases, and is noted elsewhere.
      return withReason(act, t('life.form.why'), 'life.why.close', codesOf('life.why.close').filter((code) => code !== 'refused'), h('p', {}, t('life.form.close_what')));
    case 'raise_danger':
      return { ...withReason(act, t('life.form.sign'), 'case.sign', ['danger_immediat', 'idees_suicidaires'], h('p', { class: 'callout callout-danger' }, t('report.urgent'))), look: 'button-warn' };
    case 'clear_danger':
      return clearDanger();
    case 'pause':
      return withWords(act, t('life.form.pause_what'));
    case 'release':
      return withWords(act, t('life.form.release_what', { of }));
    case 'back_up':
      return backUp(facts);
    default:
      return null;
  }
}

/// The form of an act, or `null` for one that a press is enough for.
export function actForm(act: string, facts: ActFacts): ActForm | null {
  const fields = fieldsOf(act, facts);
  if (fields === null) return null;
  const params = { name: facts.name, of: ofName(facts.name) };
  return {
    title: actWord(act, facts),
    button: t(`life.form.${act}` as TextKey, params),
    look: 'button-main',
    wrongDay: () => undefined,
    ...fields,
  };
}
