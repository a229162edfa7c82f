/// What is done with a case, what was done, and many cases matched at once.
import { getJson, postAt, postJson, putJson, remove } from './client';
import type { Case, CaseProps, LeftOut, Points } from './types';

// ---- the life of a case

/// What the list of cases tells of where a case stands; absent is what nobody has noted.
export interface LivedProps extends CaseProps {
  readonly needs?: readonly string[];
  readonly backup_id?: number | null;
  readonly informed_on?: string;
  readonly agreed_on?: string;
  readonly last_contact_on?: string;
  readonly next_contact_on?: string;
  readonly review_on?: string;
  readonly danger_cleared_on?: string;
  readonly closing?: string;
  readonly answer_due_at?: string;
}

export function lived(one: Case): LivedProps {
  return one.properties;
}

export interface MoveLine {
  readonly at: string;
  /// `null`: the service itself, or an account that is gone.
  readonly who: string | null;
  readonly act: string;
  readonly from: string;
  readonly to: string;
  readonly volunteer: string | null;
  readonly why: string | null;
  readonly note: string;
  readonly undone: boolean;
}

export interface VisitLine {
  readonly on: string;
  readonly kind: string;
  readonly impressions: readonly string[];
  readonly note: string;
  readonly volunteer: string | null;
}

export interface Referral {
  readonly id: number;
  readonly on: string;
  readonly institution: string;
  readonly outcome: string | null;
  readonly outcome_on: string | null;
}

export interface Life {
  readonly case_id: number;
  readonly version: number;
  /// What the viewer can do now, by code.
  readonly acts: readonly string[];
  readonly undo_until_at: string | null;
  readonly answer_due_at: string | null;
  /// The oldest first, as all that follow.
  readonly moves: readonly MoveLine[];
  readonly visits: readonly VisitLine[];
  readonly referrals: readonly Referral[];
  /// Who is not to be proposed.
  readonly conflicts: readonly number[];
}

export interface NewMove {
  readonly act: string;
  readonly volunteer_id?: number;
  readonly why?: string;
  readonly note?: string;
  readonly on?: string;
  readonly next_contact_on?: string | null;
  readonly visit?: { readonly kind: string; readonly impressions: readonly string[] };
}

export function fetchLife(caseId: number, signal?: AbortSignal): Promise<Life> {
  return getJson<Life>(`/cases/${caseId}/life`, signal);
}

/// Refused with 412 when somebody else has changed the case since this version.
export function makeMove(caseId: number, version: number, move: NewMove): Promise<{ readonly version: number }> {
  return postAt(`/cases/${caseId}/moves`, version, move);
}

/// Takes one's own last move back, within ten minutes.
export function undoMove(caseId: number): Promise<{ readonly version: number }> {
  return postJson(`/cases/${caseId}/undo`);
}

export function addReferral(caseId: number, institution: string, on: string): Promise<{ readonly id: number }> {
  return postJson(`/cases/${caseId}/referrals`, { institution, on });
}

export function noteOutcome(caseId: number, referral: number, outcome: string, on: string): Promise<void> {
  return putJson(`/cases/${caseId}/referrals/${referral}/outcome`, { outcome, on });
}

/// Whether this volunteer is not to be proposed for this case.
export function setConflict(caseId: number, volunteer: number, holds: boolean): Promise<void> {
  const path = `/cases/${caseId}/conflicts/${volunteer}`;
  return holds ? putJson(path, {}) : remove(path);
}

// ---- many cases at once

export interface Pair {
  readonly case_id: number;
  readonly volunteer_id: number;
}

export interface PlanLine extends Pair {
  /// The version that the plan was made for; it is sent back with the proposal.
  readonly version: number;
  readonly name: string;
  /// `null` for a choice of the coordinator that no walk leads to.
  readonly duration_s: number | null;
  readonly points: Points | null;
  readonly pinned: boolean;
  /// Constraints that a choice of the coordinator passes over.
  readonly passed_over: readonly string[];
}

export interface Unassigned {
  readonly case_id: number;
  readonly reason: string;
  readonly nearest: readonly LeftOut[];
}

export interface Remedy {
  readonly kind: string;
  readonly quarter: string | null;
  readonly volunteer_id: number | null;
  readonly name: string | null;
  readonly amount: number;
  readonly serves: number;
}

export interface LoadLine {
  readonly volunteer_id: number;
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly capacity: number;
}

export interface ChangedLine {
  readonly case_id: number;
  readonly before_volunteer_id: number | null;
  readonly volunteer_id: number | null;
}

export interface Plan {
  readonly lines: readonly PlanLine[];
  readonly unassigned: readonly Unassigned[];
  readonly refused_pins: readonly (Pair & { readonly reasons: readonly string[] })[];
  /// The most helpful first.
  readonly remedies: readonly Remedy[];
  readonly points: number;
  readonly loads: readonly LoadLine[];
  readonly changed: readonly ChangedLine[];
}

export interface PlanQuestion {
  readonly pins: readonly Pair[];
  readonly exclusions: readonly Pair[];
  readonly before?: readonly Pair[];
}

/// The best plan for all who wait and have agreed. Nothing is written.
export function fetchPlan(question: PlanQuestion, signal: AbortSignal): Promise<Plan> {
  return postJson<Plan>('/batches', question, signal);
}

/// All of them, or none: a refusal names the case that stands in the way (`field` is `case:` and its id).
export function proposeLines(lines: readonly PlanLine[]): Promise<{ readonly proposed: number }> {
  return postJson('/batches/proposals', { lines: lines.map(({ case_id, version, volunteer_id }) => ({ case_id, version, volunteer_id })) });
}
