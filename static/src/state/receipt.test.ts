import { describe, expect, it } from 'vitest';

import { groupReceipt, readCode, readReceipt } from './receipt';

describe('a receipt', () => {
  it('is read in any grouping', () => {
    for (const text of ['4539 3195 0343 6467', '4539-3195-0343-6467', ' 4539319503436467 ']) expect(readReceipt(text)).toBe('4539319503436467');
  });
  it('tells every single wrong digit', () => {
    const right = '4539319503436467';
    for (let at = 0; at < right.length; at += 1) {
      const wrong = `${right.slice(0, at)}${(Number(right[at]) + 1) % 10}${right.slice(at + 1)}`;
      expect(readReceipt(wrong), wrong).toBeNull();
    }
    for (const text of ['', '453931950343646', '45393195034364670', '4539 3195 0343 646x']) expect(readReceipt(text)).toBeNull();
  });
  it('is shown in groups of four while it is typed', () => {
    expect(groupReceipt('45393')).toBe('4539 3');
    expect(groupReceipt('4539 3195 0343 6467 9')).toBe('4539 3195 0343 6467');
    expect(groupReceipt('')).toBe('');
  });
});

describe('a sticker’s code', () => {
  it('is read as it is typed from a window', () => {
    expect(readCode('7k3qx m0t9a')).toBe('7K3QX-M0T9A');
    expect(readCode('oIl34-56789')).toBe('01134-56789');
    expect(readCode('7K3QX‑M0T9A')).toBe('7K3QX-M0T9A');
  });
  it('is nothing else', () => {
    for (const text of ['', '7K3QXM0T9', '7K3QXM0T9AB', '7K3QXM0T9U', '7K3QX/M0T9A']) expect(readCode(text)).toBeNull();
  });
});
