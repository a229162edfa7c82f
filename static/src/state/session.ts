/// Who is signed in, what that person may see, and as whom the page looks at things. Kept in memory only: the cookie is
/// the server's, the page's script never sees it.
import type { Account, Role, Session, Viewer } from '../api/types';
import { cell } from './cell';

export const SIGNED_OUT: Session = {
  signed_in: false,
  demonstration: false,
  known_device: false,
  account: null,
  idle_until_at: null,
  ends_at: null,
  break_glass_until_at: null,
};

/// `null` until the server has said.
export const session = cell<Session | null>(null);

/// The person as whom a coordinator looks ("Voir en tant que…"), or nobody. Ends with the page.
export const viewingAs = cell<Viewer | null>(null);

/// What the server asks for before it answers: nothing, the password, or the short code of a known device.
export const asked = cell<'nothing' | 'password' | 'pin'>('nothing');

export function account(): Account | null {
  return session.get()?.account ?? null;
}

/// The roles whose view is shown: one's own, or those of the person looked at.
export function roles(): readonly Role[] {
  return viewingAs.get()?.roles ?? account()?.roles ?? [];
}

/// Whether one of these roles is held.
export function can(...wanted: readonly Role[]): boolean {
  const held = roles();
  return wanted.some((role) => held.includes(role));
}

/// Whether something may be written: never while looking as somebody else.
export function mayWrite(): boolean {
  return account() !== null && viewingAs.get() === null;
}

/// The server no longer knows this session: only what is nobody's is kept.
export function signedOut(wants: 'nothing' | 'password' | 'pin'): void {
  const before = session.get();
  viewingAs.set(null);
  asked.set(wants);
  session.set({
    ...SIGNED_OUT,
    demonstration: before?.demonstration ?? false,
    known_device: wants === 'pin' || (before?.known_device ?? false),
  });
}
