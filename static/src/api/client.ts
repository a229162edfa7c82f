/// Talks to the server that gave this page, and to no other.
import { session, signedOut, viewingAs } from '../state/session';
import type { AddressHit, Case, CaseCorrection, CaseDetails, Coverage, Match, NewCase, Problem } from './types';

const BASE = '/api/v1';

/// The server answered, and refused.
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code ?? String(problem.status));
  }
}

/// The server has no streets or quarters yet: its layers are empty, which is no failure.
export function isNothingYet(error: unknown): boolean {
  return error instanceof Refused && (error.problem.code === 'no_streets' || error.problem.code === 'no_quarters');
}

/// Nothing answered.
export class Unreachable extends Error {}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/// What is one's own whoever one looks as.
const OWN = /^\/(?:session|account|viewers|break-glass)(?:\/|$)/;

let clockAheadMs = 0;

/// The time by the server's clock: a session ends there, whatever this computer believes.
export function serverNow(): number {
  return Date.now() + clockAheadMs;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const viewer = viewingAs.get();
  const headers = new Headers(init.headers);
  headers.set('accept', 'application/json');
  if (viewer !== null && !OWN.test(path)) headers.set('view-as', String(viewer.account_id));
  try {
    const response = await fetch(`${BASE}${path}`, { credentials: 'same-origin', cache: 'no-store', ...init, headers });
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) clockAheadMs = date - Date.now();
    return response;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable();
  }
}

/// Reads a refusal. A session that has ended is said to the whole page, which then asks for the password or the short code
/// and comes back to the same address.
async function refusal(response: Response): Promise<Refused> {
  let problem: Problem = { status: response.status };
  try {
    problem = { ...((await response.json()) as Partial<Problem>), status: response.status };
  } catch {
    // Not ours: the status is all there is.
  }
  const wait = Number(response.headers.get('retry-after'));
  if (response.headers.has('retry-after') && Number.isFinite(wait)) problem = { ...problem, retry_after_s: Math.max(1, wait) };
  if (session.get()?.signed_in === true) {
    if (problem.code === 'sign_in_needed') signedOut('password');
    if (problem.code === 'pin_needed') signedOut('pin');
  }
  return new Refused(problem);
}

async function body<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable();
  }
}

async function exchange<T>(method: string, path: string, content: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method,
    ...(content === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) }),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await refusal(response);
  return body<T>(response);
}

/// Asks under `/api/v1`; `path` begins with `/`. Throws `Refused`, `Unreachable`, or the abort of `signal`.
export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return exchange<T>('GET', path, undefined, signal);
}

export function postJson<T>(path: string, content: unknown = {}, signal?: AbortSignal): Promise<T> {
  return exchange<T>('POST', path, content, signal);
}

export function putJson<T>(path: string, content: unknown, signal?: AbortSignal): Promise<T> {
  return exchange<T>('PUT', path, content, signal);
}

/// Something with the version that it has, which whoever changes it must name.
export interface Versioned<T> {
  readonly value: T;
  readonly version: string;
}

async function versioned<T>(response: Response): Promise<Versioned<T>> {
  if (!response.ok) throw await refusal(response);
  return { value: await body<T>(response), version: response.headers.get('etag') ?? '' };
}

/// What of a case can be corrected, and its version.
export async function fetchDetails(caseId: number, signal: AbortSignal): Promise<Versioned<CaseDetails>> {
  return versioned(await send(`/cases/${caseId}/details`, { signal }));
}

/// Corrects what has this version still; refused with 412 when somebody else has changed it meanwhile.
export async function saveDetails(caseId: number, version: string, correction: CaseCorrection): Promise<Versioned<CaseDetails>> {
  const headers = { 'content-type': 'application/json', 'if-match': version };
  return versioned(await send(`/cases/${caseId}/details`, { method: 'PUT', headers, body: JSON.stringify(correction) }));
}

/// Changes what has this version still; refused with 412 when somebody else has changed it meanwhile.
export async function postAt<T>(path: string, version: number, content: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', 'if-match': `"${version}"` };
  const response = await send(path, { method: 'POST', headers, body: JSON.stringify(content) });
  if (!response.ok) throw await refusal(response);
  return body<T>(response);
}

/// A file to keep, such as an export.
export async function getBlob(path: string): Promise<Blob> {
  const response = await send(path, {});
  if (!response.ok) throw await refusal(response);
  return response.blob();
}

export function remove(path: string): Promise<void> {
  return exchange<undefined>('DELETE', path, undefined);
}

/// A GET that remembers the ETag: `null` means "not changed since the last time".
export class Conditional<T> {
  private etag: string | null = null;

  constructor(private readonly path: string) {}

  async fetch(signal?: AbortSignal): Promise<T | null> {
    const headers: Record<string, string> = {};
    if (this.etag !== null) headers['if-none-match'] = this.etag;
    const response = await send(this.path, { headers, ...(signal ? { signal } : {}) });
    if (response.status === 304) return null;
    if (!response.ok) throw await refusal(response);
    const value = await body<T>(response);
    this.etag = response.headers.get('etag');
    return value;
  }
}

export interface CoverageQuery {
  readonly by: 'volunteer' | 'relay';
  readonly thresholdMin: number;
  readonly profile: string;
}

function coverageParams(query: CoverageQuery): string {
  return new URLSearchParams({
    by: query.by,
    threshold_min: String(query.thresholdMin),
    profile: query.profile,
  }).toString();
}

export function fetchCoverage(query: CoverageQuery, signal: AbortSignal): Promise<Coverage> {
  return getJson<Coverage>(`/coverage?${coverageParams(query)}`, signal);
}

export function hexesPath(query: CoverageQuery, resolution: number): string {
  return `/layers/hexes?${coverageParams(query)}&resolution=${resolution}`;
}

export function fetchMatch(caseId: number, k: number, signal: AbortSignal): Promise<Match> {
  return postJson<Match>(`/cases/${caseId}/match`, { k }, signal);
}

export async function searchAddresses(q: string, limit: number, signal: AbortSignal): Promise<readonly AddressHit[]> {
  const answer = await postJson<{ addresses: readonly AddressHit[] }>('/addresses/search', { q, limit }, signal);
  return answer.addresses;
}

export function createCase(report: NewCase): Promise<Case> {
  return postJson<Case>('/cases', report);
}
