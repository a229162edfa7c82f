/// Numbers, lengths, durations and dates as a French reader writes them.
import { t, tn } from './index';

const NARROW = '\u202f';
const whole = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dayMonth = new Intl.DateTimeFormat('fr-FR', { weekday: 'long', day: 'numeric', month: 'long' });
const dayMonthYear = new Intl.DateTimeFormat('fr-FR', { day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat('fr-FR', { day: 'numeric', month: 'short' });

function narrow(text: string): string {
  return text.replace(/[\u0020\u00a0]/g, NARROW);
}

/// "1 234", with narrow no-break spaces.
export function count(n: number): string {
  return narrow(whole.format(n));
}

/// Metres up to a kilometre, then kilometres with one decimal: "520 m", "3,2 km".
export function length(metres: number): string {
  if (Math.round(metres) < 1000) return t('units.m', { n: count(metres) });
  return t('units.km', { n: narrow(oneDecimal.format(metres / 1000)) });
}

/// Metres always: "1 234 m", for tables whose rows are compared.
export function metres(value: number): string {
  return t('units.m', { n: count(value) });
}

/// Whole minutes: "7 min"; `up` rounds up, for a walk said to be too long.
export function minutes(seconds: number, up = false): string {
  const value = up ? Math.ceil(seconds / 60) : Math.round(seconds / 60);
  if (value < 1) return t('units.under_min');
  return t('units.min', { n: count(value) });
}

/// A share of 1 as whole percent; a small share is never rounded to nothing: "0,4 %".
export function percent(share: number): string {
  const value = share * 100;
  const text = value > 0 && value < 1 ? oneDecimal.format(Math.max(0.1, value)) : whole.format(value);
  return t('units.percent', { n: narrow(text) });
}

/// "7 min à pied · 520 m".
export function walk(seconds: number, metresLong: number, slow = false): string {
  const time = minutes(seconds);
  return `${t(slow ? 'units.walk_slow' : 'units.walk', { time })} · ${length(metresLong)}`;
}

/// "2 places libres".
export function places(n: number): string {
  return tn('units.places', n, count(n));
}

function day(iso: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  if (!match) return null;
  const date = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(date.getTime()) ? null : date;
}

/// "lundi 23 novembre", with the year instead of the weekday when it is another year.
export function date(iso: string, now: Date = new Date()): string {
  const value = day(iso);
  if (!value) return t('common.none');
  const format = value.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear;
  return format.format(value).replace(/\b1 (?=\p{L})/u, '1er ');
}

const hourMinute = new Intl.DateTimeFormat('fr-FR', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Paris' });
const dayInParis = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: 'Europe/Paris' });

/// "14 h 32", in Le Havre.
export function clock(iso: string): string {
  const value = new Date(iso);
  if (Number.isNaN(value.getTime())) return t('common.none');
  const [hour = '', minute = ''] = hourMinute.format(value).split(':');
  return t('units.clock', { hour: Number(hour), minute });
}

/// "lundi 23 novembre à 14 h 32".
export function dateTime(iso: string, now: Date = new Date()): string {
  const value = new Date(iso);
  if (Number.isNaN(value.getTime())) return t('common.none');
  return t('units.date_time', { date: date(dayInParis.format(value), now), time: clock(iso) });
}

/// "23 nov.", for lists.
export function shortDate(iso: string): string {
  const value = day(iso);
  return value ? shortDay.format(value).replace(/^1 /, '1er ').replace(' ', '\u00a0') : '';
}

/// Languages by their French names: "français, arabe".
export function languages(codes: readonly string[]): string {
  const names = new Intl.DisplayNames(['fr'], { type: 'language', fallback: 'none' });
  const known = codes.map((code) => {
    try {
      return names.of(code);
    } catch {
      return undefined;
    }
  });
  return known.filter((name) => name !== undefined).join(', ');
}
