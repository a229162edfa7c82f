/// Days away: how they are written, the form that a volunteer and the coordination share, and the list with its « Supprimer ».
import { type Absence, addAbsence, type DaysAway, fetchAbsences, removeAbsence } from '../api/follow';
import { mayWrite } from '../state/session';
import { t } from '../text';
import { date } from '../text/format';
import { type Child, fill, h } from '../ui/dom';
import type { DoneLine } from './act-done';
import { dateField, failAt, source, today } from './desk-parts';

/// "du lundi 23 novembre au mardi 1er décembre", or "le lundi 23 novembre".
export function daysInWords({ from_on: from, to_on: to }: Pick<DaysAway, 'from_on' | 'to_on'>): string {
  return from === to ? t('away.one_day', { date: date(from) }) : t('away.days', { from: date(from), to: date(to) });
}

/// Sent whole, the server also refuses more than a year.
const MOST_DAYS_MS = 366 * 86_400_000;

export interface DaysFields {
  readonly elements: readonly HTMLElement[];
  days(): Pick<DaysAway, 'from_on' | 'to_on'>;
  check(): boolean;
  /// A refusal of the server at one of the fields.
  refused(field: string | undefined): boolean;
}

export function daysFields(onChange: () => void = () => undefined): DaysFields {
  const from = dateField(t('away.from'), t('away.from_hint'), today(), {});
  const to = dateField(t('away.to'), t('away.to_hint'), '', { min: today() });
  const read = (): Pick<DaysAway, 'from_on' | 'to_on'> => ({ from_on: from.input.value, to_on: to.input.value });
  for (const { input } of [from, to]) input.addEventListener('input', onChange);
  return {
    elements: [from.element, to.element],
    days: read,
    check() {
      const { from_on: first, to_on: last } = read();
      if (first === '') return failAt(from, t('away.wrong_from'));
      if (last === '' || last < today()) return failAt(to, t('away.wrong_to'));
      if (last < first) return failAt(to, t('away.wrong_order'));
      return Date.parse(last) - Date.parse(first) < MOST_DAYS_MS || failAt(to, t('away.wrong_long'));
    },
    refused(field) {
      if (field === 'from_on') return !failAt(from, t('away.wrong_from'));
      return field === 'to_on' && !failAt(to, t('away.wrong_to'));
    },
  };
}

export interface AbsenceList {
  readonly element: HTMLElement;
  load(): void;
  all(): readonly Absence[];
  readonly drop: () => void;
}

/// The absences that the viewer may see; each can be removed, and that taken back. `named` says whose they are.
export function absenceList(done: DoneLine, named: boolean, empty: Child, onShown: (all: readonly Absence[]) => void = () => undefined): AbsenceList {
  const state = h('div', {});
  const list = h('ul', { class: 'absences' });
  const none = h('div', {});

  async function take(one: Absence): Promise<void> {
    await removeAbsence(one.id);
    loaded.load();
    done.say(t('away.removed', { days: daysInWords(one) }), async () => {
      await addAbsence({ volunteer_id: one.volunteer_id, from_on: one.from_on, to_on: one.to_on });
      loaded.load();
      return null;
    });
  }

  function row(one: Absence): HTMLElement {
    const words = daysInWords(one);
    const button = h(
      'button',
      {
        type: 'button',
        class: 'button button-quiet',
        'aria-label': t(named ? 'away.remove_of' : 'away.remove_own', { name: one.name, days: words }),
        on: { click: () => void take(one).catch(done.fail) },
      },
      t('away.remove'),
    );
    return h('li', {}, h('span', {}, named && h('strong', {}, one.name), named && ' ', words), mayWrite() && button);
  }

  const loaded = source<readonly Absence[]>(state, 2, fetchAbsences, (all) => {
    fill(list, all.map(row));
    fill(none, all.length === 0 && empty);
    onShown(all);
  });
  return { element: h('div', { class: 'absence-box' }, state, list, none), load: loaded.load, all: () => loaded.value() ?? [], drop: loaded.drop };
}
