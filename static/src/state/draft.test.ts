import { beforeEach, expect, it } from 'vitest';

import { clearDraft, EMPTY_DRAFT, isEmptyDraft, loadDraft, type ReportDraft, saveDraft } from './draft';

const HOUR = 3_600_000;
const draft: ReportDraft = { ...EMPTY_DRAFT, notes: 'Volets fermés', address: '12 rue', address_id: 'x', position: [0.13, 49.5], signs: ['danger_immediat'], key: 'k' };

beforeEach(() => sessionStorage.clear());

it('a draft survives a reload, for the account that typed it', () => {
  saveDraft(7, draft, HOUR);
  expect(loadDraft(7, 2 * HOUR)).toEqual(draft);
});

it('somebody else who signs in never sees it, and it is gone', () => {
  saveDraft(7, draft, HOUR);
  expect(loadDraft(8, 2 * HOUR)).toEqual(EMPTY_DRAFT);
  expect(sessionStorage.length).toBe(0);
});

it('after twelve hours it is gone', () => {
  saveDraft(7, draft, HOUR);
  expect(loadDraft(7, 13.1 * HOUR)).toEqual(EMPTY_DRAFT);
  expect(sessionStorage.length).toBe(0);
});

it('a draft is gone once cleared or emptied, and a broken one is an empty one', () => {
  saveDraft(7, draft);
  clearDraft();
  expect(sessionStorage.length).toBe(0);
  saveDraft(7, draft);
  saveDraft(7, EMPTY_DRAFT);
  expect(sessionStorage.length).toBe(0);
  sessionStorage.setItem('bienveilleurs.draft.report', '{');
  expect(loadDraft(7)).toEqual(EMPTY_DRAFT);
});

it('what is of another kind than it should be is left out, and a key alone is no draft', () => {
  sessionStorage.setItem('bienveilleurs.draft.report', JSON.stringify({ account: 7, at: 1, draft: { notes: 3, signs: 'x', causes: [1], position: [0.1], phone: '06' } }));
  expect(loadDraft(7, 2)).toEqual({ ...EMPTY_DRAFT, phone: '06' });
  expect(isEmptyDraft({ ...EMPTY_DRAFT, key: 'k' })).toBe(true);
});
