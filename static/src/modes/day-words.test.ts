import { describe, expect, it } from 'vitest';

import type { LivedProps } from '../api/life';
import { daysTo, fromToday, nextVisit, plusDays, plusMonth } from './day-words';

const see = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');
const TODAY = '2026-11-24';

describe('days', () => {
  it('are counted over months, years and the change of the clock', () => {
    expect(daysTo('2026-12-01', TODAY)).toBe(7);
    expect(daysTo('2026-03-30', '2026-03-28')).toBe(2);
    expect(plusDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(plusDays('2026-10-24', 7)).toBe('2026-10-31');
  });
  it('of the next month that it does not have are its last one', () => {
    expect(plusMonth('2026-01-31')).toBe('2026-02-28');
    expect(plusMonth('2026-11-24')).toBe('2026-12-24');
    expect(plusMonth('2026-12-15')).toBe('2027-01-15');
  });
  it('are said as one says them', () => {
    expect(see(fromToday(TODAY, TODAY))).toBe('aujourd’hui');
    expect(see(fromToday('2026-11-23', TODAY))).toBe('hier');
    expect(see(fromToday('2026-11-25', TODAY))).toBe('demain');
    expect(see(fromToday('2026-11-20', TODAY))).toBe('il y a 4 jours');
    expect(see(fromToday('2026-11-30', TODAY))).toBe('dans 6 jours');
  });
});

describe('the next visit', () => {
  const of = (state: string, due?: string): string =>
    see(nextVisit({ state, ...(due === undefined ? {} : { next_contact_on: due }) } as LivedProps, TODAY));
  it('is said for each state, and a late one without blame', () => {
    expect(of('accompanied', '2026-11-30')).toBe('Prochaine visite : lundi 30 novembre');
    expect(of('accompanied', TODAY)).toBe('Visite prévue aujourd’hui');
    expect(of('accompanied', '2026-11-25')).toBe('Visite prévue demain');
    expect(of('accompanied', '2026-11-20')).toBe('Visite prévue vendredi 20 novembre, pas encore notée');
    expect(of('accompanied')).toBe('Pas de date prévue');
    expect(of('accepted', '2026-12-01')).toBe('Première visite à faire avant mardi 1er décembre');
    expect(of('paused', '2026-11-30')).toBe('En pause : pas de visite prévue');
  });
});
