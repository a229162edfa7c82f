/// Following people up: what can be done with a case, visits, days away, and who is not to be forgotten.
import { getJson, postAt, postJson, remove } from './client';
import type { CaseProps } from './types';

/// What the list of cases tells of its follow-up, as far as the role may know it.
export interface FollowedProps extends CaseProps {
  readonly needs?: readonly string[];
  readonly last_contact_on?: string;
  readonly next_contact_on?: string;
  readonly review_on?: string;
  readonly answer_due_at?: string;
}

// ---- moves

export interface VisitLine {
  readonly on: string;
  readonly kind: string;
  readonly impressions: readonly string[];
  readonly note: string;
  readonly volunteer: string | null;
}

export interface Life {
  readonly version: number;
  /// What the viewer can do now, by code.
  readonly acts: readonly string[];
  readonly undo_until_at: string | null;
  readonly answer_due_at: string | null;
  /// The oldest first.
  readonly visits: readonly VisitLine[];
}

export interface NewMove {
  readonly act: string;
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

// ---- who is not to be forgotten

export interface Due {
  readonly due_on: string;
  readonly case_id: number;
}

export interface FollowUp {
  readonly on: string;
  readonly dangers: readonly number[];
  readonly overdue: readonly Due[];
  readonly soon: readonly Due[];
  readonly reviews: readonly Due[];
  readonly waiting: readonly Due[];
  readonly awaited: readonly { readonly due_at: string; readonly case_id: number; readonly volunteer_id: number }[];
  readonly uncovered: readonly number[];
}

export function fetchFollowUp(signal: AbortSignal): Promise<FollowUp> {
  return getJson<FollowUp>('/follow-up', signal);
}

// ---- days away

export interface DaysAway {
  /// Absent: one's own.
  readonly volunteer_id?: number;
  readonly from_on: string;
  readonly to_on: string;
}

export interface Absence {
  readonly id: number;
  readonly volunteer_id: number;
  readonly name: string;
  readonly from_on: string;
  readonly to_on: string;
}

export async function fetchAbsences(signal?: AbortSignal): Promise<readonly Absence[]> {
  return (await getJson<{ absences: readonly Absence[] }>('/absences', signal)).absences;
}

export function addAbsence(days: DaysAway): Promise<{ readonly id: number }> {
  return postJson('/absences', days);
}

export function removeAbsence(id: number): Promise<void> {
  return remove(`/absences/${id}`);
}

export interface TakeOver {
  readonly case_id: number;
  readonly version: number;
  readonly volunteer_id: number;
  readonly name: string;
  readonly duration_s: number | null;
}

export interface NotSuited {
  readonly volunteer_id: number;
  readonly name: string;
  /// Code of what stands in the way first.
  readonly reason: string;
}

/// Who would take over, and who is left.
export interface AbsencePlan {
  readonly lines: readonly TakeOver[];
  readonly unassigned: readonly { readonly case_id: number; readonly reason: string; readonly nearest: readonly NotSuited[] }[];
}

/// Nothing is written.
export function planAbsence(days: DaysAway): Promise<AbsencePlan> {
  return postJson<AbsencePlan>('/absences/plan', days);
}

/// All of them, or none: a refusal names the case that stands in the way (`field` is `case:` and its id).
export function proposeLines(lines: readonly TakeOver[]): Promise<{ readonly proposed: number }> {
  return postJson('/batches/proposals', { lines: lines.map(({ case_id, version, volunteer_id }) => ({ case_id, version, volunteer_id })) });
}
