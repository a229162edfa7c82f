import { describe, expect, it } from 'vitest';

import * as format from './format';
import { codesOf, label, t, tn, typography } from './index';

/// Makes the invisible visible: ~ no-break space, _ narrow no-break space.
const see = (text: string): string => text.replaceAll('\u00a0', '~').replaceAll('\u202f', '_');

describe('numbers', () => {
  it('writes thousands with narrow spaces', () => {
    expect(see(format.count(1234567))).toBe('1_234_567');
    expect(see(format.metres(1234))).toBe('1_234_m');
  });
  it('turns metres into kilometres from a thousand', () => {
    expect(see(format.length(520.4))).toBe('520_m');
    expect(see(format.length(999.4))).toBe('999_m');
    expect(see(format.length(999.6))).toBe('1,0_km');
    expect(see(format.length(3210))).toBe('3,2_km');
  });
  it('says a walk in minutes and metres', () => {
    expect(see(format.walk(420.1, 520.4))).toBe('7_min à pied · 520_m');
    expect(format.walk(10, 12)).toContain('moins d’1');
  });
  it('rounds a walk that is too long up, so that it never equals what is accepted', () => {
    expect(see(format.minutes(1201, true))).toBe('21_min');
  });
  it('never rounds a small share to nothing', () => {
    expect(see(format.percent(0.21))).toBe('21_%');
    expect(see(format.percent(0.0004))).toBe('0,1_%');
    expect(see(format.percent(0))).toBe('0_%');
  });
});

describe('plurals', () => {
  it('takes the singular for zero and one, as French does', () => {
    expect(see(format.places(0))).toBe('0 place~libre');
    expect(see(format.places(1))).toBe('1 place~libre');
    expect(see(format.places(2))).toBe('2 places~libres');
    expect(tn('units.addresses', 143, '143')).toBe('143 adresses');
  });
});

describe('dates', () => {
  it('says the weekday in this year, and the year otherwise', () => {
    const now = new Date(2026, 10, 23);
    expect(format.date('2026-11-23', now)).toBe('lundi 23 novembre');
    expect(format.date('2025-12-01', now)).toBe('1er décembre 2025');
  });
  it('says the hour of Le Havre, in winter and in summer', () => {
    expect(see(format.clock('2026-11-23T13:05:00Z'))).toBe('14_h_05');
    expect(see(format.clock('2026-07-01T07:00:00Z'))).toBe('9_h_00');
    expect(see(format.dateTime('2026-11-23T23:30:00Z', new Date(2026, 10, 24)))).toBe('mardi 24 novembre à 0_h_30');
  });
  it('says nothing wrong for what is no date', () => {
    expect(format.date('?')).toBe('Non renseigné');
  });
});

describe('typography', () => {
  it('puts the spaces and apostrophes that French wants', () => {
    expect(see(typography("Où ? L'heure : « 8 h » !"))).toBe('Où_? L’heure~: «~8_h~»_!');
  });
  it('leaves filled-in values as they are', () => {
    expect(t('match.assigned', { name: "O'Neil ?" })).toBe("Avec O'Neil ?");
  });
});

describe('closed lists', () => {
  it('never shows a raw code', () => {
    expect(label('case.states', 'informing')).toBe('Information et accord en cours');
    expect(label('case.states', 'a_new_code')).toBe('Non renseigné');
  });
  it('has the fourteen kinds of relays', () => {
    expect(codesOf('relays.kinds')).toHaveLength(14);
  });
  it('names languages in French', () => {
    expect(format.languages(['fr', 'ar', '??'])).toBe('français, arabe');
  });
});
