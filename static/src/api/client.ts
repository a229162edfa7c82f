/// Talks to the server that gave this page, and to no other.
import type { AddressHit, Case, Coverage, Match, NewCase, Problem } from './types';

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

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${BASE}${path}`, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable();
  }
}

async function refusal(response: Response): Promise<Refused> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    return new Refused({ ...body, status: response.status });
  } catch {
    return new Refused({ status: response.status });
  }
}

async function body<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable();
  }
}

/// A GET that remembers the ETag: `null` means "not changed since the last time".
export class Conditional<T> {
  private etag: string | null = null;

  constructor(private readonly path: string) {}

  async fetch(signal?: AbortSignal): Promise<T | null> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.etag !== null) headers['if-none-match'] = this.etag;
    const response = await send(this.path, { headers, ...(signal ? { signal } : {}) });
    if (response.status === 304) return null;
    if (!response.ok) throw await refusal(response);
    const value = await body<T>(response);
    this.etag = response.headers.get('etag');
    return value;
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  if (!response.ok) throw await refusal(response);
  return body<T>(response);
}

async function post<T>(path: string, content: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(content),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await refusal(response);
  return body<T>(response);
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
  return get<Coverage>(`/coverage?${coverageParams(query)}`, signal);
}

export function hexesPath(query: CoverageQuery, resolution: number): string {
  return `/layers/hexes?${coverageParams(query)}&resolution=${resolution}`;
}

export function fetchMatch(caseId: number, k: number, signal: AbortSignal): Promise<Match> {
  return post<Match>(`/cases/${caseId}/match`, { k }, signal);
}

export async function searchAddresses(q: string, limit: number, signal: AbortSignal): Promise<readonly AddressHit[]> {
  const answer = await post<{ addresses: readonly AddressHit[] }>('/addresses/search', { q, limit }, signal);
  return answer.addresses;
}

export function createCase(report: NewCase): Promise<Case> {
  return post<Case>('/cases', report);
}
