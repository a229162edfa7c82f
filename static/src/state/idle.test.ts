import { expect, it } from 'vitest';

import { endingOf } from './idle';
import { SIGNED_OUT } from './session';

const now = Date.parse('2026-11-23T10:00:00Z');

it('ends when nothing is done for a while, and staying is possible', () => {
  const session = { ...SIGNED_OUT, idle_until_at: '2026-11-23T10:30:00Z', ends_at: '2026-11-23T20:00:00Z' };
  expect(endingOf(session, now)).toEqual({ leftMs: 1_800_000, canStay: true });
});

it('ends for good at the end of the day', () => {
  const session = { ...SIGNED_OUT, idle_until_at: '2026-11-23T10:30:00Z', ends_at: '2026-11-23T10:01:00Z' };
  expect(endingOf(session, now)).toEqual({ leftMs: 60_000, canStay: false });
});

it('has no end that is not known', () => {
  expect(endingOf(SIGNED_OUT, now)).toBeNull();
});
