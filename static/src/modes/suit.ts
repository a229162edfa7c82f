/// Why a volunteer comes in this order, and why another one is left out, in words.
import { codesOf, label, t, tn } from '../text';
import type { LeftOut, Points, Volunteer } from '../api/types';
import { count, date, languages, minutes } from '../text/format';

const MINUS = '\u2212';

function signed(n: number): string {
  return n < 0 ? `${MINUS}${count(-n)}` : count(n);
}

/// "marche 7 min : 420 · 3 personnes suivies : 135 · connaît l’immeuble : −60": the terms that count, in this order.
export function termsOf(points: Points, load: number | null, knows: string | null): string {
  const terms = [t('suit.term.walk', { time: minutes(points.walk), n: signed(points.walk) })];
  if (points.load !== 0) {
    terms.push(load === null ? t('suit.term.load_some', { n: signed(points.load) }) : tn('suit.term.load', load, signed(points.load), { people: count(load) }));
  }
  if (points.continuity !== 0) {
    terms.push(t(knows === null ? 'suit.term.known' : knows === 'person' ? 'suit.term.person' : 'suit.term.building', { n: signed(points.continuity) }));
  }
  if (points.language !== 0) terms.push(t('suit.term.language', { n: signed(points.language) }));
  if (points.rest !== 0) terms.push(t('suit.term.rest', { n: signed(points.rest) }));
  return terms.join(' · ');
}

export function pointsInWords(total: number): string {
  return tn('suit.points', total, signed(total));
}

/// The languages as a negation joins them: "ukrainien ni russe".
function neither(codes: readonly string[]): { text: string; n: number } {
  const names = codes.map((code) => languages([code])).filter((name) => name !== '');
  return { text: names.join(t('suit.nor')), n: names.length };
}

function one(left: LeftOut, reason: string, volunteer: Volunteer['properties'] | undefined): string {
  switch (reason) {
    case 'full':
      return volunteer ? t('suit.left.full_of', { load: volunteer.load, capacity: volunteer.capacity }) : t('suit.left.full');
    case 'too_far':
      return left.duration_s !== null && left.limit_s !== null
        ? t('suit.left.too_far', { time: minutes(left.duration_s, true), limit: minutes(left.limit_s) })
        : t('suit.left.too_far_short');
    case 'absent':
      return left.away_until_on === null ? t('suit.left.absent') : t('suit.left.absent_until', { date: date(left.away_until_on) });
    case 'need': {
      const needs = left.needs.map((code) => label('life.need', code)).join(', ');
      return needs === '' ? t('suit.left.need_short') : t('suit.left.need', { needs });
    }
    case 'language': {
      const { text, n } = neither(left.languages);
      if (n === 0) return t('suit.left.language_short');
      return t(n === 1 ? 'suit.left.language_one' : 'suit.left.language', { languages: text });
    }
    case 'beyond_k':
      return left.duration_s === null ? t('suit.left.beyond_k') : t('suit.left.beyond_k_time', { time: minutes(left.duration_s) });
    default:
      return reasonAlone(reason);
  }
}

const ALONE: ReadonlySet<string> = new Set(codesOf('suit.left'));

/// A reason of which nothing more is known.
export function reasonAlone(reason: string): string {
  const short = `${reason}_short`;
  return label('suit.left', ALONE.has(short) ? short : reason, 'suit.left.other');
}

/// The first constraint that failed with what would have to change, then what would stand in the way besides.
export function leftOutWords(left: LeftOut, volunteer: Volunteer['properties'] | undefined): string {
  const first = one(left, left.reason, volunteer);
  if (left.also.length === 0) return first;
  return t('suit.also', { reason: first, others: left.also.map((reason) => one(left, reason, volunteer)).join(', ') });
}
