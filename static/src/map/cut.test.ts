import { describe, expect, it } from 'vitest';

import type { Breakpoint } from '../api/types';
import { cut, secondsAt } from './cut';

const LENGTH = 100;

describe('cut', () => {
  it('leaves an edge that nobody reaches whole and beyond every limit', () => {
    expect(cut([], [600], 80)).toEqual([{ from: 0, to: 80, level: 1 }]);
  });

  it('cuts a rising stretch exactly where the limit is met', () => {
    expect(cut([[0, 500], [100, 700]], [600], LENGTH)).toEqual([
      { from: 0, to: 50, level: 0 },
      { from: 50, to: 100, level: 1 },
    ]);
  });

  it('cuts a falling stretch exactly where the limit is met', () => {
    expect(cut([[0, 700], [100, 500]], [600], LENGTH)).toEqual([
      { from: 0, to: 50, level: 1 },
      { from: 50, to: 100, level: 0 },
    ]);
  });

  it('finds both sides of a far middle', () => {
    expect(cut([[0, 560], [50, 640], [100, 560]], [600], LENGTH)).toEqual([
      { from: 0, to: 25, level: 0 },
      { from: 25, to: 75, level: 1 },
      { from: 75, to: 100, level: 0 },
    ]);
  });

  it('finds every class on the way in one pass', () => {
    const pieces = cut([[0, 0], [100, 1000]], [180, 300, 600, 900], LENGTH);
    expect(pieces.map((piece) => piece.level)).toEqual([0, 1, 2, 3, 4]);
    expect(pieces.map((piece) => piece.to)).toEqual([18, 30, 60, 90, 100]);
    const back = cut([[0, 1000], [100, 0]], [180, 300, 600, 900], LENGTH);
    expect(back.map((piece) => piece.level)).toEqual([4, 3, 2, 1, 0]);
    expect(back.map((piece) => piece.from)).toEqual([0, 10, 40, 70, 82]);
  });

  it('counts a time equal to the limit as within it', () => {
    expect(cut([[0, 600], [100, 600]], [600], LENGTH)).toEqual([{ from: 0, to: 100, level: 0 }]);
    expect(cut([[0, 600], [100, 700]], [600], LENGTH)).toEqual([{ from: 0, to: 100, level: 1 }]);
    expect(cut([[0, 500], [100, 600]], [600], LENGTH)).toEqual([{ from: 0, to: 100, level: 0 }]);
  });

  it('keeps a stretch beyond half an hour beyond every limit', () => {
    const profile: Breakpoint[] = [[0, 1700], [35, 1800], [35, null], [80, null]];
    expect(cut(profile, [1800], 80)).toEqual([
      { from: 0, to: 35, level: 0 },
      { from: 35, to: 80, level: 1 },
    ]);
  });

  it('never leaves a gap, and adds up to the length, for any profile and limits', () => {
    let seed = 42;
    const random = (): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    for (let run = 0; run < 2000; run += 1) {
      const length = 1 + random() * 400;
      const n = 2 + Math.floor(random() * 4);
      const offsets = [0, ...Array.from({ length: n - 2 }, () => random() * length).sort((a, b) => a - b), length];
      const profile = offsets.map((offset): Breakpoint => [offset, random() < 0.1 ? null : random() * 1800]);
      const limits = [180, 300, 60 * (1 + Math.floor(random() * 30)), 900].sort((a, b) => a - b);
      const pieces = cut(profile, limits, length);
      expect(pieces[0]?.from).toBe(0);
      expect(pieces.at(-1)?.to).toBe(length);
      for (let i = 1; i < pieces.length; i += 1) {
        expect(pieces[i]?.from).toBe(pieces[i - 1]?.to);
        expect(pieces[i]?.level).not.toBe(pieces[i - 1]?.level);
      }
      for (const piece of pieces) {
        const seconds = secondsAt(profile, (piece.from + piece.to) / 2);
        const expected = seconds === null ? limits.length : limits.findIndex((limit) => seconds <= limit + 1e-6);
        if (piece.to - piece.from > 1e-6) expect(piece.level).toBe(expected === -1 ? limits.length : expected);
      }
    }
  });

  it('answers for three thousand edges well within a frame', () => {
    const profile: Breakpoint[] = [[0, 100], [60, 700], [120, 200]];
    const start = performance.now();
    for (let i = 0; i < 3000; i += 1) cut(profile, [180, 300, 600, 900, 1200], 120);
    expect(performance.now() - start).toBeLessThan(50);
  });
});

describe('secondsAt', () => {
  it('interpolates between breakpoints', () => {
    expect(secondsAt([[0, 100], [50, 200], [100, 100]], 75)).toBe(150);
  });
  it('is null where nobody comes', () => {
    expect(secondsAt([], 10)).toBeNull();
    expect(secondsAt([[0, 1700], [35, 1800], [35, null], [80, null]], 60)).toBeNull();
  });
});
