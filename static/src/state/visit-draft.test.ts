import { beforeEach, describe, expect, it } from 'vitest';

import type { Session } from '../api/types';
import { session, SIGNED_OUT, signedOut } from './session';
import { dropVisit, EMPTY_VISIT, keepVisit, visitDraft } from './visit-draft';

const as = (id: number): Session => ({
  ...SIGNED_OUT,
  signed_in: true,
  account: { id, name: 'Amina', login: 'amina', roles: ['bienveilleur'], volunteer_id: 1, second_factor: 'off' },
});
const NOTE = { ...EMPTY_VISIT, note: 'Nous avons parlé du marché.' };

describe('the note of a visit that is being written', () => {
  beforeEach(() => {
    signedOut('nothing');
    session.set(as(1));
  });

  it('is found again by who wrote it, for this person only', () => {
    keepVisit(12, NOTE);
    expect(visitDraft(12)).toEqual(NOTE);
    expect(visitDraft(13)).toEqual(EMPTY_VISIT);
    dropVisit(12);
    expect(visitDraft(12)).toEqual(EMPTY_VISIT);
  });
  it('never reaches the storage of the browser', () => {
    keepVisit(12, NOTE);
    expect(sessionStorage.length + localStorage.length).toBe(0);
  });
  it('survives a session that has run out, and no sign-out', () => {
    keepVisit(12, NOTE);
    signedOut('pin');
    session.set(as(1));
    expect(visitDraft(12)).toEqual(NOTE);
    signedOut('nothing');
    session.set(as(1));
    expect(visitDraft(12)).toEqual(EMPTY_VISIT);
  });
  it('is forgotten when somebody else comes', () => {
    keepVisit(12, NOTE);
    signedOut('pin');
    session.set(as(2));
    expect(visitDraft(12)).toEqual(EMPTY_VISIT);
    session.set(as(1));
    expect(visitDraft(12)).toEqual(EMPTY_VISIT);
  });
});
