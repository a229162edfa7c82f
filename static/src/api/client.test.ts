import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { accessOf } from '../state/access';
import { asked, session, SIGNED_OUT, viewingAs } from '../state/session';
import { getJson, postJson, Refused, remove } from './client';
import { createData } from './data';

const SIGNED_IN = { ...SIGNED_OUT, signed_in: true, demonstration: true };
const asks: { url: string; init: RequestInit }[] = [];

function answer(status: number, content: unknown, headers: Record<string, string> = {}): void {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asks.push({ url, init });
    return Promise.resolve(new Response(content === undefined ? null : JSON.stringify(content), { status, headers }));
  });
}

beforeEach(() => {
  asks.length = 0;
  session.set(SIGNED_IN);
  asked.set('nothing');
  viewingAs.set(null);
});
afterEach(() => vi.unstubAllGlobals());

it('a session that has ended is forgotten, and the password is asked for', async () => {
  answer(401, { code: 'sign_in_needed' });
  await expect(getJson('/study-area')).rejects.toBeInstanceOf(Refused);
  expect(session.get()).toEqual({ ...SIGNED_OUT, demonstration: true });
  expect(asked.get()).toBe('password');
});

it('a known device is asked for its short code', async () => {
  answer(401, { code: 'pin_needed' });
  await expect(getJson('/study-area')).rejects.toBeInstanceOf(Refused);
  expect(asked.get()).toBe('pin');
  expect(session.get()?.known_device).toBe(true);
});

it('whoever was not signed in stays where they are', async () => {
  session.set(SIGNED_OUT);
  answer(401, { code: 'sign_in_needed' });
  await expect(getJson('/study-area')).rejects.toBeInstanceOf(Refused);
  expect(asked.get()).toBe('nothing');
});

it('a refusal of a role ends nothing', async () => {
  answer(403, { code: 'not_allowed' });
  await expect(getJson('/accounts')).rejects.toBeInstanceOf(Refused);
  expect(session.get()).toEqual(SIGNED_IN);
});

it('too many attempts say how long to wait', async () => {
  answer(429, { code: 'too_many_attempts' }, { 'retry-after': '75' });
  const error = await postJson('/session', {}).catch((thrown: unknown) => thrown);
  expect(error instanceof Refused && error.problem.retry_after_s).toBe(75);
});

it('looking as somebody else is said with each question, except about oneself', async () => {
  viewingAs.set({ account_id: 7, name: 'x', roles: ['accueil'] });
  answer(200, {});
  await getJson('/layers/cases');
  await getJson('/session');
  await getJson('/account/sessions');
  expect(asks.map(({ init }) => new Headers(init.headers).get('view-as'))).toEqual(['7', null, null]);
});

it('nothing to answer is no failure', async () => {
  answer(204, undefined);
  await expect(remove('/session')).resolves.toBeUndefined();
});

it('when the view changes, what was held is forgotten and a late answer is dropped', async () => {
  const waiting: ((response: Response) => void)[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    if (!url.includes('/layers/relays')) return Promise.resolve(new Response(JSON.stringify({ features: [] })));
    return new Promise<Response>((resolve) => waiting.push(resolve));
  });
  const data = createData();
  data.use(accessOf(null, false));
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  data.use(null);
  waiting[0]?.(new Response(JSON.stringify({ features: [{ id: 1 }] })));
  await new Promise((done) => setTimeout(done, 20));
  expect(data.relays.get()).toEqual({ status: 'loading', value: [], error: null });
});
