/// Where a case stands, what was done with it and why something was not done, in words.
import { Refused } from '../api/client';
import type { LivedProps, MoveLine } from '../api/life';
import { codesOf, label, t, type TextKey } from '../text';
import { date, dateTime } from '../text/format';
import type { Said } from '../ui/problems';
import { said } from './refusals';

/// "de Kléberine", "d’Amina".
export function ofName(name: string): string {
  const first = name.normalize('NFD').charAt(0);
  return t(/^[aeiouyhœæ]/i.test(first) ? 'life.of_vowel' : 'life.of', { name });
}

/// One sentence on where a case stands. `name` is the volunteer's, `now` the server's time.
export function standing(p: LivedProps, name: string, now: number): string {
  const of = ofName(name);
  switch (p.state) {
    case 'reported':
      return t('life.where.reported', { date: date(p.reported_on) });
    case 'to_qualify':
    case 'informing':
    case 'archived':
      return t(`life.where.${p.state}`);
    case 'qualified':
      return p.agreed_on === undefined ? t('life.where.qualified') : t('life.where.qualified_on', { date: date(p.agreed_on) });
    case 'proposed':
      if (p.answer_due_at === undefined) return t('life.where.proposed', { name });
      return Date.parse(p.answer_due_at) < now ? t('life.where.proposed_late', { name }) : t('life.where.proposed_until', { name, at: dateTime(p.answer_due_at) });
    case 'accepted':
    case 'accompanied':
    case 'paused':
      return t(`life.where.${p.state}`, { name, of });
    case 'closed':
      return p.closing === undefined ? t('life.where.closed') : t('life.where.closed_why', { why: lower(label('life.why.close', p.closing)) });
    default:
      return label('case.states', p.state);
  }
}

function lower(text: string): string {
  return text.charAt(0).toLocaleLowerCase('fr') + text.slice(1);
}

/// What a line of the history tells: the act, and why.
export function moveWords(move: MoveLine): string {
  const name = move.volunteer ?? t('life.somebody');
  if (move.act === 'undo' && move.why !== null) return `${t('life.did.undo')} : ${lower(actWords(move.why, name))}`;
  const why = move.why === null ? '' : whyWords(move.act, move.why);
  return why === '' ? actWords(move.act, name) : `${actWords(move.act, name)} : ${lower(why)}`;
}

const DID: ReadonlySet<string> = new Set(codesOf('life.did'));

function actWords(act: string, name: string): string {
  return DID.has(act) ? t(`life.did.${act}` as TextKey, { name }) : t('life.did.other');
}

function whyWords(act: string, why: string): string {
  switch (act) {
    case 'decline':
    case 'close':
      return label(`life.why.${act}`, why);
    case 'raise_danger':
      return label('case.sign', why);
    default:
      return '';
  }
}

const REFUSALS: ReadonlySet<string> = new Set(codesOf('life.refusal'));

/// Why a move was not made; `null` leaves it to the usual words.
export function refusalWords(code: string | undefined): Said | null {
  if (code === undefined || !REFUSALS.has(code)) return null;
  return { title: t(`life.refusal.${code}` as TextKey), next: t(`life.refusal_next.${code}` as TextKey) };
}

export function saidOfMove(error: unknown): Said {
  return (error instanceof Refused ? refusalWords(error.problem.code) : null) ?? said(error);
}

export function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 412;
}

// ---- days

const DAY_MS = 86_400_000;

/// A day so many days after another, as the server writes days.
export function daysAfter(iso: string, days: number): string {
  return new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

// ---- acts

/// The act that the state calls for first.
const MAIN: Readonly<Record<string, string>> = {
  reported: 'take_up',
  to_qualify: 'inform',
  informing: 'qualify',
  qualified: 'propose',
  proposed: 'accept',
  accepted: 'contact',
  accompanied: 'contact',
  paused: 'resume',
  closed: 'reopen',
};
/// What is at hand beside the main act; the rest waits behind « Autres étapes ».
const AT_HAND: ReadonlySet<string> = new Set(['take_up', 'inform', 'qualify', 'decline', 'withdraw', 'contact', 'resume']);
/// Not offered by itself: the first contact that is noted begins the accompaniment.
const SILENT: ReadonlySet<string> = new Set(['begin', 'clear_danger', 'raise_danger']);
/// In the order in which they are offered.
const ORDER = ['take_up', 'inform', 'qualify', 'propose', 'accept', 'decline', 'withdraw', 'resume', 'contact', 'review', 'pause', 'hand_over', 'release', 'back_up', 'close', 'reopen', 'archive'];

export interface Offered {
  readonly main: string | null;
  readonly atHand: readonly string[];
  readonly rest: readonly string[];
}

/// The acts that can be made now, in three groups. A danger that holds and a review that is due come first.
export function offered(acts: readonly string[], p: LivedProps, today: string): Offered {
  const can = ORDER.filter((act) => acts.includes(act) && !SILENT.has(act));
  const wanted = MAIN[p.state];
  const danger = acts.includes('clear_danger');
  const main = !danger && wanted !== undefined && can.includes(wanted) ? wanted : null;
  const reviewDue = p.review_on !== undefined && p.review_on <= today;
  const near = can.filter((act) => act !== main && (AT_HAND.has(act) || (act === 'review' && reviewDue)));
  return { main, atHand: near, rest: can.filter((act) => act !== main && !near.includes(act)) };
}
