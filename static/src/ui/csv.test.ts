import { expect, it } from 'vitest';

import { csv, csvCell } from './csv';

it('begins with a BOM and separates with semicolons', () => {
  expect(csv([['a', 'b'], [1, 2.5]])).toBe('\ufeffa;b\r\n1;2,5\r\n');
});

it.each([
  ['=1+1', "'=1+1"],
  ['+33', "'+33"],
  ['-x', "'-x"],
  ['@a', "'@a"],
  ["'=x", "''=x"],
  ["'Amina", "'Amina"],
  ['\tx', "'\tx"],
  ['a;b', '"a;b"'],
  ['dit "oui"', '"dit ""oui"""'],
])('neutralises %j so that no spreadsheet runs it', (value, written) => {
  expect(csvCell(value)).toBe(written);
});

it('leaves negative numbers of ours alone', () => {
  expect(csvCell(-1.5)).toBe('-1,5');
});
