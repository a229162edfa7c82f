import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { throttled } from './throttle';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('asks at once, then at most so often, and always the last question', async () => {
  const asked: number[] = [];
  const answered: number[] = [];
  const asking = throttled<number, number>(
    200,
    (question) => {
      asked.push(question);
      return Promise.resolve(question);
    },
    (answer) => answered.push(answer),
    () => undefined,
  );
  for (let question = 1; question <= 20; question += 1) {
    asking.ask(question);
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.length).toBeLessThanOrEqual(4);
  expect(asked.at(-1)).toBe(20);
  expect(answered.at(-1)).toBe(20);
});

it('gives up the question under way when a newer one starts', async () => {
  const signals: AbortSignal[] = [];
  const asking = throttled<number, never>(
    100,
    (_, signal) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    },
    () => undefined,
    () => undefined,
  );
  asking.ask(1);
  await vi.advanceTimersByTimeAsync(150);
  asking.ask(2);
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
});
