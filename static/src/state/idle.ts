/// When a session ends by itself, as the server's clock says, and what to tell before it does.
import type { Session } from '../api/types';

export const WARN_MS = 2 * 60_000;

export interface Ending {
  readonly leftMs: number;
  /// Whether doing something makes it last; the end of the day does not move.
  readonly canStay: boolean;
}

/// `null`: no end is known.
export function endingOf(session: Session, serverNowMs: number): Ending | null {
  const idle = session.idle_until_at === null ? Infinity : Date.parse(session.idle_until_at);
  const end = session.ends_at === null ? Infinity : Date.parse(session.ends_at);
  const first = Math.min(Number.isNaN(idle) ? Infinity : idle, Number.isNaN(end) ? Infinity : end);
  if (first === Infinity) return null;
  return { leftMs: first - serverNowMs, canStay: !(end <= first) };
}
