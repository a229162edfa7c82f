/// Days of a follow-up in words: how far a day is, and what is expected on it.
import type { LivedProps } from '../api/life';
import { t, tn } from '../text';
import { count, date } from '../text/format';

const DAY_MS = 86_400_000;

function utc(iso: string): number {
  return Date.parse(`${iso.slice(0, 10)}T00:00:00Z`);
}

/// Whole days from one day to another; negative when it lies before.
export function daysTo(iso: string, today: string): number {
  return Math.round((utc(iso) - utc(today)) / DAY_MS);
}

export function plusDays(iso: string, days: number): string {
  return new Date(utc(iso) + days * DAY_MS).toISOString().slice(0, 10);
}

/// The same day of the next month, or its last one: the 31st of January leads to the end of February.
export function plusMonth(iso: string): string {
  const [year = 0, month = 0, day = 0] = iso.slice(0, 10).split('-').map(Number);
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(day, last))).toISOString().slice(0, 10);
}

/// "aujourd’hui", "demain", "hier", "dans 3 jours", "il y a 8 jours".
export function fromToday(iso: string, today: string): string {
  const days = daysTo(iso, today);
  if (days === 0) return t('follow.today');
  if (days === 1) return t('follow.tomorrow');
  if (days === -1) return t('follow.yesterday');
  return days > 0 ? tn('follow.in_days', days, count(days)) : tn('follow.ago', -days, count(-days));
}

/// What a volunteer reads under the name of somebody.
export function nextVisit(p: LivedProps, today: string): string {
  if (p.state === 'paused') return t('mine.next_paused');
  const due = p.next_contact_on;
  if (p.state === 'accepted') return due === undefined ? t('mine.first') : t('mine.first_by', { date: date(due) });
  if (due === undefined) return t('mine.next_none');
  const days = daysTo(due, today);
  if (days < 0) return t('mine.next_late', { date: date(due) });
  if (days === 0) return t('mine.next_today');
  return days === 1 ? t('mine.next_tomorrow') : t('mine.next_on', { date: date(due) });
}
