import { expect, it } from 'vitest';

import type { CaseHex, Position, Quarter } from '../api/types';
import { caseHexLines, countHexesOf } from './case-hexes';

const ring = (at: number): readonly Position[] => [[at, 0], [at + 1, 0], [at, 1], [at, 0]];
const cell = (id: string, at: number, quarter: string | null, band: string): CaseHex => ({
  type: 'Feature',
  id,
  geometry: { type: 'Polygon', coordinates: [ring(at)] },
  properties: { quarter, band, resolution: 9 },
});
const quarter = (id: string, name: string): Quarter => ({
  type: 'Feature',
  id,
  geometry: { type: 'Polygon', coordinates: [ring(0)] },
  properties: { name, precision: 'indicative', source: '', licence: '', drawn_on: null },
});
const quarters = [quarter('universite', 'Université'), quarter('massillon', 'Massillon')];
const plain = (text: string): string => text.replace(/\u00a0/g, ' ');
const cells = [
  cell('a-0', 0, 'universite', '10_to_19'),
  cell('b-1', 1, 'massillon', '5_to_9'),
  cell('a-1', 0, 'massillon', '50_or_more'),
  cell('c-2', 2, null, 'a_new_band'),
];

it('says each shown cell by quarter, the largest first, and no raw code', () => {
  expect(caseHexLines(cells, quarters).map(({ line, which }) => [plain(line), which])).toEqual([
    ['Quartier Massillon — 50 situations ou plus', 'hexagone 1 sur 2'],
    ['Quartier Massillon — 5 à 9 situations', 'hexagone 2 sur 2'],
    ['Quartier Université — 10 à 19 situations', null],
    ['Hors secteur — 5 situations ou plus', null],
  ]);
});

it('draws a hexagon on a border once, with the counts of both quarters', () => {
  const drawn = countHexesOf(cells, quarters);
  expect(drawn.map(({ cells: held, step, mark }) => [held, step, mark])).toEqual([
    [['b-1'], 1, '5–9'],
    [['c-2'], 1, '5+'],
    [['a-1', 'a-0'], 4, '50+\n10–19'],
  ]);
  expect(plain(drawn[2]?.tip ?? '')).toBe('Quartier Massillon — 50 situations ou plus · Quartier Université — 10 à 19 situations');
});

it('draws and says nothing of nothing', () => {
  expect(caseHexLines([], quarters)).toEqual([]);
  expect(countHexesOf([], quarters)).toEqual([]);
});
