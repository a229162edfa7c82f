/// Turns what the API threw into what the page says.
import { Refused } from '../api/client';
import { say, type Said } from '../ui/problems';

export function said(error: unknown): Said {
  if (!(error instanceof Refused)) return say(null);
  const { status, code, request_id: requestId, retry_after_s: waitS } = error.problem;
  return say({ status, code, requestId, waitS });
}
