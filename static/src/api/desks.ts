/// What the desks of the administration, of the data-protection officer and of the coordination ask of the server.
import { getJson, postJson, putJson, remove } from './client';
import type { Role } from './types';

// ---- accounts

export interface AccountRow {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly volunteer_id: number | null;
  readonly volunteer_reference: string | null;
  readonly second_factor: boolean;
  readonly disabled: boolean;
  readonly demonstration: boolean;
  readonly created_at: string;
  readonly seen_at: string | null;
}

export interface AccountChange {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly volunteer_reference: string | null;
  readonly disabled: boolean;
  /// Needed when the roles ask for a stronger one than the roles before.
  readonly password?: string;
}

export interface NewAccount {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly volunteer_reference: string | null;
  readonly password: string;
}

export async function fetchAccounts(signal: AbortSignal): Promise<readonly AccountRow[]> {
  return (await getJson<{ accounts: readonly AccountRow[] }>('/accounts', signal)).accounts;
}

export function createAccount(account: NewAccount): Promise<AccountRow> {
  return postJson<AccountRow>('/accounts', account);
}

export function changeAccount(id: number, change: AccountChange): Promise<AccountRow> {
  return putJson<AccountRow>(`/accounts/${id}`, change);
}

export function setPassword(id: number, next: string): Promise<void> {
  return putJson(`/accounts/${id}/password`, { new: next });
}

export function removeSecondFactor(id: number): Promise<void> {
  return remove(`/accounts/${id}/second-factor`);
}

export function endSessions(id: number): Promise<void> {
  return remove(`/accounts/${id}/sessions`);
}

// ---- the trail

export interface AuditRow {
  readonly chain_id: string;
  readonly seq: number;
  readonly at: string;
  /// `account:3`, `command_line`, `nobody` or `service`.
  readonly actor: string;
  readonly actor_name: string | null;
  readonly act: string;
  readonly resource: string;
  /// A pseudonym; empty for a list.
  readonly subject: string;
  readonly records: number;
  readonly outcome: string;
  readonly reason: string;
}

export interface AuditPage {
  readonly rows: readonly AuditRow[];
  readonly next: string | null;
  /// The closed lists that a filter chooses from.
  readonly acts: readonly string[];
  readonly resources: readonly string[];
}

/// `query` as `auditQuery` of `modes/audit-words.ts` writes it.
export function fetchAudit(query: string, signal: AbortSignal): Promise<AuditPage> {
  return getJson<AuditPage>(`/audit?${query}`, signal);
}

export interface Verification {
  readonly intact: boolean;
  readonly chains: readonly { readonly chain_id: string; readonly rows: number; readonly first_seq: number; readonly last_seq: number; readonly end: string }[];
  readonly findings: readonly { readonly chain_id: string; readonly seq: number; readonly problem: string }[];
}

export function verifyAudit(signal: AbortSignal): Promise<Verification> {
  return postJson<Verification>('/audit/verification', {}, signal);
}

export interface Notice {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  /// The reason that was given.
  readonly detail: string;
  readonly account_name: string | null;
  readonly seen_at: string | null;
}

export async function fetchNotices(signal: AbortSignal): Promise<readonly Notice[]> {
  return (await getJson<{ notices: readonly Notice[] }>('/notices', signal)).notices;
}

export function noteSeen(id: number): Promise<void> {
  return postJson(`/notices/${id}/seen`);
}

// ---- rights of the persons concerned

export type RequestKind = 'access' | 'rectification' | 'erasure' | 'opposition';
export type RequestOutcome = 'granted' | 'refused';

export interface Subject {
  readonly kind: 'case' | 'volunteer' | 'relay';
  /// `null` once the record is erased, like the reference.
  readonly id: number | null;
  readonly reference: string | null;
  /// What stands for it in the trail.
  readonly pseudonym: string;
}

export interface FoundSubject {
  readonly kind: Subject['kind'];
  readonly id: number;
  readonly reference: string;
  /// `null` for a volunteer or a relay.
  readonly since_on: string | null;
}

export interface RightsRequest {
  readonly id: number;
  readonly kind: RequestKind;
  readonly subject: Subject | null;
  readonly received_on: string;
  readonly due_on: string;
  readonly days_left: number;
  readonly carried_out_at: string | null;
  readonly closed_on: string | null;
  readonly outcome: RequestOutcome | null;
  readonly note: string;
  readonly proof: Proof | null;
  /// Whether somebody was erased and no proof has found nothing yet.
  readonly unproved: boolean;
}

/// What a person says of himself or herself; sent in the body, never in an address.
export async function findSubjects(told: { name: string; phone: string; address: string }): Promise<readonly FoundSubject[]> {
  return (await postJson<{ subjects: readonly FoundSubject[] }>('/rights/subjects', told)).subjects;
}

export async function fetchRequests(signal: AbortSignal): Promise<readonly RightsRequest[]> {
  return (await getJson<{ requests: readonly RightsRequest[] }>('/rights/requests', signal)).requests;
}

export function createRequest(request: {
  kind: RequestKind;
  subject: { kind: Subject['kind']; id: number } | null;
  received_on: string;
  note: string;
}): Promise<RightsRequest> {
  return postJson<RightsRequest>('/rights/requests', request);
}

export function carryOut(id: number): Promise<RightsRequest> {
  return postJson<RightsRequest>(`/rights/requests/${id}/carry-out`);
}

export function proveRequest(id: number): Promise<RightsRequest> {
  return postJson<RightsRequest>(`/rights/requests/${id}/proof`);
}

export function closeRequest(id: number, outcome: RequestOutcome, note: string): Promise<RightsRequest> {
  return postJson<RightsRequest>(`/rights/requests/${id}/close`, { outcome, note });
}

// ---- telling the person

export interface ToInform {
  readonly case_id: number;
  readonly reference: string;
  readonly reported_on: string;
  readonly due_on: string;
  readonly days_left: number;
  readonly overdue: boolean;
}

/// A record that the officer took out to answer a request for access.
export interface HandedOver {
  readonly at: string;
  readonly request_id: number;
  readonly reference: string | null;
  readonly by_name: string | null;
}

export function fetchToInform(signal: AbortSignal): Promise<{ cases: readonly ToInform[]; handed_over: readonly HandedOver[] }> {
  return getJson('/rights/to-inform', signal);
}

export function noteInformed(caseId: number, on: string): Promise<void> {
  return postJson(`/cases/${caseId}/informed`, { on });
}

export function noteRefusal(caseId: number): Promise<void> {
  return postJson(`/cases/${caseId}/refusal`);
}

// ---- the end of keeping

export interface Proof {
  readonly cases: number;
  readonly needles: number;
  readonly found: number;
  /// Each place that was searched, in French.
  readonly where: readonly string[];
  /// What the program cannot reach, in French.
  readonly remarks: readonly string[];
  /// When cases were exported to files, which are out of reach.
  readonly exports_at: readonly string[];
}

export interface Run {
  readonly id: number;
  readonly made_at: string;
  readonly made_by_name: string | null;
  readonly cutoff_on: string;
  readonly cases: number;
  readonly signed_at: string | null;
  readonly signed_by_name: string | null;
  readonly purged_at: string | null;
  readonly proof: Proof | null;
  /// Whether it was carried out and no proof has found nothing yet.
  readonly unproved: boolean;
}

export interface RunWithItems extends Run {
  /// A reference is `null` when the case went by another way meanwhile.
  readonly items: readonly { readonly case_id: number; readonly reference: string | null; readonly last_on: string }[];
  /// References of those whose time has come although somebody still visits them: they never go.
  readonly still_followed: readonly string[];
}

export function fetchRuns(signal: AbortSignal): Promise<{ readonly years: number; readonly runs: readonly Run[] }> {
  return getJson('/retention', signal);
}

export function fetchRun(id: number, signal: AbortSignal): Promise<RunWithItems> {
  return getJson<RunWithItems>(`/retention/runs/${id}`, signal);
}

export function prepareRun(): Promise<Run> {
  return postJson<Run>('/retention/runs');
}

export function signOff(id: number): Promise<Run> {
  return postJson<Run>(`/retention/runs/${id}/sign-off`);
}

export function purge(id: number): Promise<Run> {
  return postJson<Run>(`/retention/runs/${id}/purge`);
}

export function proveRun(id: number): Promise<Run> {
  return postJson<Run>(`/retention/runs/${id}/proof`);
}

// ---- registers

export type RegisterName = 'register' | 'dpia';

export async function fetchRegister(name: RegisterName, signal: AbortSignal): Promise<string> {
  return (await getJson<{ markdown: string }>(`/${name}`, signal)).markdown;
}
