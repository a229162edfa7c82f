import { expect, it } from 'vitest';

import type { Coverage } from '../api/types';
import { coverageRows, headline } from './coverage';

const figures = { total_m: 15200, covered_m: 12000, uncovered_m: 3200, uncovered_share: 0.2105, addresses: 900, addresses_uncovered: 143 };
const coverage: Coverage = {
  by: 'volunteer',
  threshold_min: 10,
  profile: 'foot',
  total: figures,
  quarters: [{ id: 'massillon', name: 'Massillon', ...figures }],
  streets: [{ name: null, quarter: 'massillon', extent: [0, 0, 1, 1], ...figures }],
};
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

it('says the gap in words', () => {
  expect(plain(headline(coverage))).toBe('3,2 km de rues sans bénévole à moins de 10 min (21 %) · 143 adresses');
});

it('says that nothing is missing when nothing is', () => {
  const full = { ...coverage, by: 'relay' as const, total: { ...figures, uncovered_m: 0 } };
  expect(plain(headline(full))).toBe('Toutes les rues ont un relais à moins de 10 min');
});

it('gives the spreadsheet the total, the quarters and the streets', () => {
  const rows = coverageRows(coverage, () => 'Massillon');
  expect(rows).toHaveLength(4);
  expect(rows.map((row) => row.length)).toEqual([9, 9, 9, 9]);
  expect(rows[3]?.[1]).toBe('Passages sans nom');
});
