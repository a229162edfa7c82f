/// Signing in and out, one's own account, and what a coordinator or somebody in an emergency may ask for.
import { asked, session, signedOut } from '../state/session';
import { getJson, postJson, putJson, remove } from './client';
import type { Session, Viewer } from './types';

function take(next: Session): Session {
  if (next.signed_in) asked.set('nothing');
  else if (session.get()?.signed_in === true) {
    signedOut(next.known_device ? 'pin' : 'password');
    return next;
  }
  session.set(next);
  return next;
}

/// Asks who is signed in, and until when.
export async function fetchSession(): Promise<Session> {
  return take(await getJson<Session>('/session'));
}

export async function signIn(login: string, password: string, code: string | null): Promise<void> {
  take(await postJson<Session>('/session', code === null ? { login, password } : { login, password, code }));
}

export async function signInWithPin(pin: string): Promise<void> {
  take(await postJson<Session>('/session/pin', { pin }));
}

/// Ends the session on the server, then forgets it here.
export async function signOut(): Promise<void> {
  await remove('/session');
  signedOut('nothing');
}

export interface OpenSession {
  readonly id: number | string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly current: boolean;
  readonly kind: 'password' | 'pin';
}

export async function fetchSessions(): Promise<readonly OpenSession[]> {
  return (await getJson<{ sessions: readonly OpenSession[] }>('/account/sessions')).sessions;
}

export function endSession(id: number | string): Promise<void> {
  return remove(`/account/sessions/${encodeURIComponent(id)}`);
}

export function changePassword(current: string, next: string): Promise<void> {
  return putJson('/account/password', { current, new: next });
}

export interface SecondFactor {
  readonly secret: string;
  readonly uri: string;
  readonly qr_svg: string;
}

export function startSecondFactor(): Promise<SecondFactor> {
  return postJson<SecondFactor>('/account/second-factor');
}

export function confirmSecondFactor(code: string): Promise<void> {
  return putJson('/account/second-factor', { code });
}

export function dropSecondFactor(): Promise<void> {
  return remove('/account/second-factor');
}

export interface Device {
  readonly id: number | string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly current: boolean;
}

export async function fetchDevices(): Promise<readonly Device[]> {
  return (await getJson<{ devices: readonly Device[] }>('/account/devices')).devices;
}

export function registerDevice(pin: string): Promise<unknown> {
  return postJson('/account/devices', { pin });
}

export function forgetDevice(id: number | string): Promise<void> {
  return remove(`/account/devices/${encodeURIComponent(id)}`);
}

export function breakGlass(reason: string): Promise<{ readonly until_at: string }> {
  return postJson('/break-glass', { reason });
}

export async function fetchViewers(): Promise<readonly Viewer[]> {
  return (await getJson<{ viewers: readonly Viewer[] }>('/viewers')).viewers;
}
