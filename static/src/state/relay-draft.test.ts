import { beforeEach, describe, expect, it } from 'vitest';

import { clearRelayDraft, EMPTY_RELAY_DRAFT, isEmptyRelayDraft, loadRelayDraft, type RelayDraft, saveRelayDraft } from './relay-draft';

const draft: RelayDraft = { ...EMPTY_RELAY_DRAFT, code: '7K3QX-M0T9A', notes: 'Volets fermés', signs: ['danger_immediat'] };

describe('the draft of a relay’s report', () => {
  beforeEach(() => sessionStorage.clear());

  it('survives a reload, for two hours', () => {
    saveRelayDraft(draft, 1000);
    expect(loadRelayDraft(1000 + 7_200_000)).toEqual(draft);
    expect(loadRelayDraft(1001 + 7_200_000)).toEqual(EMPTY_RELAY_DRAFT);
    expect(sessionStorage.length).toBe(0);
  });
  it('is gone once it was sent', () => {
    saveRelayDraft(draft);
    clearRelayDraft();
    expect(loadRelayDraft()).toEqual(EMPTY_RELAY_DRAFT);
  });
  it('takes nothing from a storage that somebody else wrote', () => {
    sessionStorage.setItem('bienveilleurs.draft.relay', JSON.stringify({ at: 1, draft: { notes: 7, signs: ['x', 'child'] } }));
    expect(loadRelayDraft(2)).toEqual({ ...EMPTY_RELAY_DRAFT, signs: ['child'] });
    sessionStorage.setItem('bienveilleurs.draft.relay', '{');
    expect(loadRelayDraft()).toEqual(EMPTY_RELAY_DRAFT);
  });
  it('is empty when only the code is known', () => {
    expect(isEmptyRelayDraft({ ...EMPTY_RELAY_DRAFT, code: '7K3QX-M0T9A' })).toBe(true);
    expect(isEmptyRelayDraft(draft)).toBe(false);
  });
});
