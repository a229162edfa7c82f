import { beforeEach, expect, it } from 'vitest';

import { clearDraft, EMPTY_DRAFT, loadDraft, saveDraft } from './draft';

beforeEach(() => sessionStorage.clear());

it('a draft survives a reload', () => {
  const draft = { ...EMPTY_DRAFT, notes: 'Volets fermés', address: '12 rue', address_id: 'x' };
  saveDraft(draft);
  expect(loadDraft()).toEqual(draft);
});

it('a draft is gone once cleared, and a broken one is an empty one', () => {
  saveDraft({ ...EMPTY_DRAFT, notes: 'x' });
  clearDraft();
  expect(sessionStorage.length).toBe(0);
  sessionStorage.setItem('bienveilleurs.draft.report', '{');
  expect(loadDraft()).toEqual(EMPTY_DRAFT);
});
