/// Turns what the API threw into what the page says.
import { Refused } from '../api/client';
import { say, type Said } from '../ui/problems';

export function said(error: unknown): Said {
  if (!(error instanceof Refused)) return say(null);
  return say({ status: error.problem.status, code: error.problem.code, requestId: error.problem.request_id });
}
