/// Notes of visits that are being written. They tell how somebody is, on a phone that may be lost in the street: they are
/// kept in memory only, never in the browser's storage, for the account that writes them, and go when it signs out.
import { account, asked, session } from './session';

export interface VisitDraft {
  readonly kind: string;
  readonly impressions: readonly string[];
  /// `today`, `yesterday` or `other`.
  readonly when: string;
  readonly day: string;
  readonly note: string;
  /// `week`, `fortnight`, `month`, `other` or `none`.
  readonly next: string;
  readonly nextDay: string;
}

export const EMPTY_VISIT: VisitDraft = { kind: 'visit', impressions: [], when: 'today', day: '', note: '', next: 'week', nextDay: '' };

let owner: number | null = null;
const drafts = new Map<number, VisitDraft>();

/// Those of whoever is signed in; what somebody else wrote is forgotten.
function own(): Map<number, VisitDraft> {
  const me = account()?.id ?? null;
  if (me !== owner) drafts.clear();
  owner = me;
  return drafts;
}

export function visitDraft(caseId: number): VisitDraft {
  return own().get(caseId) ?? EMPTY_VISIT;
}

export function keepVisit(caseId: number, draft: VisitDraft): void {
  own().set(caseId, draft);
}

export function dropVisit(caseId: number): void {
  own().delete(caseId);
}

/// Whoever signs out leaves nothing; a session that has run out leaves the note for the same account.
session.changed((next) => {
  if (next?.signed_in === false && asked.get() === 'nothing') drafts.clear();
});
