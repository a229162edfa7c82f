/// Following people up: who is not to be forgotten, and days away.
import { getJson, postJson, remove } from './client';
import type { Plan } from './life';

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

/// Who would take over, and who is left. Nothing is written.
export function planAbsence(days: DaysAway): Promise<Plan> {
  return postJson<Plan>('/absences/plan', days);
}
