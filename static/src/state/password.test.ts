import { expect, it } from 'vitest';

import { bits, BITS_NEEDED, BITS_NEEDED_VOLUNTEER } from './password';
import cases from './password.cases.json';

it('every shared case is worth what the server says (tests/it/accounts.rs)', () => {
  expect(cases.map(([password]) => [password, bits(password as string)])).toEqual(cases);
});

it('the examples of the CNIL are worth 80 bits, and one sign less is not', () => {
  for (const good of ['kT7!mQ2%vR9&', 'kT7pmQ2xvR9bLw', 'tulipe hangar vitesse ongle mercredi poivre digue', 'kfT7-xM3q-Rw8p-Hz5k', 'été2Zr!vKq8wMx']) {
    expect(bits(good), good).toBeGreaterThanOrEqual(BITS_NEEDED);
  }
  for (const bad of ['kT7!mQ2%vR9', 'kT7pmQ2xvR9bL', 'tulipe hangar vitesse ongle mercredi poivre', 'tulipe tulipe tulipe tulipe tulipe tulipe tulipe']) {
    expect(bits(bad), bad).toBeLessThan(BITS_NEEDED);
  }
});

it('eight signs of four kinds, fifteen digits or four words are enough for a volunteer alone', () => {
  for (const good of ['kT7!mQ2%', '481957302648173', 'tulipe hangar vitesse ongle']) expect(bits(good), good).toBeGreaterThanOrEqual(BITS_NEEDED_VOLUNTEER);
  for (const bad of ['kT7!mQ2', '48195730264817', 'tulipe hangar vitesse']) expect(bits(bad), bad).toBeLessThan(BITS_NEEDED_VOLUNTEER);
});

it('what goes on by itself counts little', () => {
  for (const easy of ['aaaaaaaaaaaaaaaaaaaaaaaa', 'azertyuiop12', 'AZERTYuiop123456789!', 'abcdefghijklmnopqrst', '98765432109876543210', 'kT7!kT7!kT7!kT7!', 'qsdfghjklm-wxcvbn1A', '']) {
    expect(bits(easy), easy).toBeLessThan(BITS_NEEDED);
  }
});
