import { describe, expect, it } from 'vitest';

import { qrCode, qrRows } from './qr';

describe('a QR code', () => {
  const rows = qrRows('https://exemple.invalid/#/signaler/7K3QX-M0T9A');
  const size = rows.length;

  it('is a square of a version’s size with its three finder patterns', () => {
    expect((size - 17) % 4).toBe(0);
    const finder = (top: number, left: number): string =>
      Array.from({ length: 7 }, (_, y) => Array.from({ length: 7 }, (_, x) => (rows[top + y]?.[left + x] ? '#' : '.')).join('')).join('\n');
    const drawn = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'].join('\n');
    expect([finder(0, 0), finder(0, size - 7), finder(size - 7, 0)]).toEqual([drawn, drawn, drawn]);
  });

  it('says what it is and has a white rim', () => {
    const svg = qrCode('x', 'Code à scanner');
    expect(svg.getAttribute('aria-label')).toBe('Code à scanner');
    expect(svg.getAttribute('viewBox')).toBe('0 0 29 29');
  });
});
