/// The lists of the follow-up: what each line says, and the same lines for a spreadsheet.
import type { Absence, FollowUp } from '../api/follow';
import type { LivedProps } from '../api/life';
import type { Case, Quarter } from '../api/types';
import { label, t } from '../text';
import { date, dateTime } from '../text/format';
import type { Cell } from '../ui/csv';
import { daysTo, fromToday } from './day-words';
import { caseName, placeName } from './tones';

export const SECTIONS = ['dangers', 'overdue', 'soon', 'reviews', 'waiting', 'awaited', 'uncovered'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Line {
  readonly one: Case;
  readonly name: string;
  /// What the line says of the case, in words.
  readonly words: string;
  /// The day that counts, or `null`.
  readonly dueOn: string | null;
  readonly volunteer: string | null;
}

export interface Known {
  readonly cases: readonly Case[];
  /// Name of a volunteer.
  readonly volunteer: (id: number | null | undefined) => string | null;
  readonly absences: readonly Absence[];
}

/// The lines of all sections. A case that has just gone is in none.
export function linesOf(follow: FollowUp, known: Known): Readonly<Record<Section, readonly Line[]>> {
  const byId = new Map(known.cases.map((one) => [one.id, one]));
  const now = follow.on;
  const clocked = new Set(follow.awaited.map((awaited) => awaited.case_id));
  const made = (ids: readonly { case_id: number; due_on?: string }[], words: (p: LivedProps, due: string) => string): Line[] =>
    ids.flatMap(({ case_id: id, due_on: due = '' }) => {
      const one = byId.get(id);
      if (!one) return [];
      return [{ one, name: caseName(one), words: words(one.properties, due), dueOn: due === '' ? null : due, volunteer: known.volunteer(one.properties.volunteer_id) }];
    });
  const plain = (ids: readonly number[]): { case_id: number }[] => ids.map((id) => ({ case_id: id }));
  return {
    dangers: made(plain(follow.dangers), (p) =>
      (p.signs ?? [])
        .filter((code) => code === 'danger_immediat' || code === 'idees_suicidaires')
        .map((code) => label('case.sign', code))
        .join(', '),
    ),
    overdue: made(follow.overdue, (_, due) => t('follow.line.overdue', { date: date(due), ago: fromToday(due, now) })),
    soon: made(follow.soon, (_, due) => (daysTo(due, now) < 2 ? fromToday(due, now) : t('follow.line.soon', { date: date(due) }))),
    reviews: made(follow.reviews, (_, due) => t('follow.line.reviews', { date: date(due) })),
    waiting: made(follow.waiting, (p) => {
      const since = p.last_contact_on ?? p.reported_on;
      return t(p.last_contact_on === undefined ? 'follow.line.waiting_never' : 'follow.line.waiting', { date: date(since), ago: fromToday(since, now) });
    }),
    awaited: [
      ...follow.awaited.flatMap((awaited) =>
        made([{ case_id: awaited.case_id, due_on: awaited.due_at.slice(0, 10) }], () =>
          t('follow.line.awaited', { name: known.volunteer(awaited.volunteer_id) ?? t('case.volunteer'), time: dateTime(awaited.due_at) }),
        ),
      ),
      // What came from a file has no deadline, and would otherwise wait for ever.
      ...made(plain(known.cases.filter((one) => one.properties.state === 'proposed' && !clocked.has(one.id)).map((one) => one.id)), (p) =>
        t('follow.line.awaited_no_time', { name: known.volunteer(p.volunteer_id) ?? t('case.volunteer') }),
      ),
    ],
    uncovered: made(plain(follow.uncovered), (p) => {
      const name = known.volunteer(p.volunteer_id) ?? t('case.volunteer');
      const until = known.absences.filter((one) => one.volunteer_id === p.volunteer_id && one.from_on <= now).map((one) => one.to_on).sort().at(-1);
      return until === undefined ? t('follow.line.uncovered_plain', { name }) : t('follow.line.uncovered', { name, date: date(until) });
    }),
  };
}

/// References, no names: a file travels.
export function rowsOf(lines: Readonly<Record<Section, readonly Line[]>>, quarters: readonly Quarter[], now: string): Cell[][] {
  const head = [t('follow.csv_list'), t('follow.csv_reference'), t('follow.csv_quarter'), t('follow.csv_due'), t('follow.csv_days'), t('follow.csv_volunteer')];
  return [
    head,
    ...SECTIONS.flatMap((section) =>
      lines[section].map(({ one, dueOn, volunteer }): Cell[] => [
        t(`follow.zero.${section}`),
        one.properties.reference,
        placeName(quarters, one.properties),
        dueOn ?? '',
        dueOn === null ? '' : Math.max(0, -daysTo(dueOn, now)),
        volunteer ?? '',
      ]),
    ),
  ];
}
