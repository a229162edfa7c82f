/// Cuts a street edge where the walking time crosses limits. Pure: the threshold slider calls it for every edge while
/// it is dragged.
import type { Breakpoint } from '../api/types';

/// A stretch of an edge; `level` is the index of the first limit that is not exceeded, or `limits.length` when all are.
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

function levelOf(seconds: number | null, limits: readonly number[]): number {
  if (seconds === null) return limits.length;
  let level = 0;
  while (level < limits.length && seconds > (limits[level] as number)) level += 1;
  return level;
}

/// The pieces of an edge in order, without gap or overlap: the first begins at 0, the last ends at `lengthM`, each begins
/// where the one before ends. `limits` are seconds, ascending; a time equal to a limit is within it. An empty profile is
/// an edge that nobody reaches.
export function cut(profile: readonly Breakpoint[], limits: readonly number[], lengthM: number): Piece[] {
  const beyond = limits.length;
  if (profile.length === 0) return [{ from: 0, to: lengthM, level: beyond }];
  const pieces: { from: number; to: number; level: number }[] = [];
  const push = (to: number, level: number): void => {
    const last = pieces.at(-1);
    const from = last ? last.to : 0;
    if (to <= from) return;
    if (last && last.level === level) last.to = to;
    else pieces.push({ from, to, level });
  };
  for (let i = 1; i < profile.length; i += 1) {
    const [startOffset, start] = profile[i - 1] as Breakpoint;
    const [endOffset, end] = profile[i] as Breakpoint;
    if (endOffset <= startOffset) continue;
    if (start === null || end === null) {
      push(endOffset, beyond);
      continue;
    }
    if (start === end) {
      push(endOffset, levelOf(start, limits));
      continue;
    }
    // Every limit strictly between both ends cuts the stretch, in the order in which it is met.
    const rising = end > start;
    const low = Math.min(start, end);
    const high = Math.max(start, end);
    for (let k = 0; k < limits.length; k += 1) {
      const index = rising ? k : limits.length - 1 - k;
      const limit = limits[index] as number;
      if (limit < low || limit >= high) continue;
      const offset = startOffset + ((limit - start) / (end - start)) * (endOffset - startOffset);
      push(Math.min(endOffset, Math.max(startOffset, offset)), rising ? index : index + 1);
    }
    push(endOffset, rising ? levelOf(end, limits) : levelOf(low, limits));
  }
  const last = pieces.at(-1);
  if (!last) return [{ from: 0, to: lengthM, level: levelOf((profile[0] as Breakpoint)[1], limits) }];
  // The profile's last offset is the length to the millimetre; the edge ends where its length says.
  last.to = lengthM;
  return pieces;
}

/// Seconds at an offset of an edge; `null` where nobody comes within half an hour.
export function secondsAt(profile: readonly Breakpoint[], offsetM: number): number | null {
  if (profile.length === 0) return null;
  for (let i = 1; i < profile.length; i += 1) {
    const [startOffset, start] = profile[i - 1] as Breakpoint;
    const [endOffset, end] = profile[i] as Breakpoint;
    if (offsetM > endOffset && i < profile.length - 1) continue;
    if (endOffset <= startOffset) continue;
    if (start === null || end === null) return null;
    const share = Math.min(1, Math.max(0, (offsetM - startOffset) / (endOffset - startOffset)));
    return start + share * (end - start);
  }
  return (profile[0] as Breakpoint)[1];
}
