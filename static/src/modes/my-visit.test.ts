import { describe, expect, it } from 'vitest';

import { nextDay } from './my-visit';

describe('the next visit', () => {
  it('is a day for each quick choice, and none when it is not known yet', () => {
    const of = (next: string, nextDayTyped = ''): string | null => nextDay({ next, nextDay: nextDayTyped }, '2026-01-31');
    expect(of('week')).toBe('2026-02-07');
    expect(of('fortnight')).toBe('2026-02-14');
    expect(of('month')).toBe('2026-02-28');
    expect(of('other', '2026-03-05')).toBe('2026-03-05');
    expect(of('none')).toBeNull();
  });
});
