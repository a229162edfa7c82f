/// How the state of a case, volunteer or relay is shown, and how its place is said.
import type { Case, Placed, Quarter, Relay, Volunteer } from '../api/types';
import { t } from '../text';
import type { CaseTone, RelayTone, VolunteerTone } from '../ui/symbols';

const WAITING: ReadonlySet<string> = new Set(['reported', 'to_qualify', 'informing', 'qualified']);
const HELD: ReadonlySet<string> = new Set(['proposed', 'accepted', 'accompanied', 'paused']);

export function waits(one: Case): boolean {
  return WAITING.has(one.properties.state);
}

export function held(one: Case): boolean {
  return HELD.has(one.properties.state);
}

export function caseTone(one: Case): CaseTone {
  if (one.properties.danger && (waits(one) || held(one))) return 'danger';
  if (waits(one)) return 'waiting';
  return held(one) && one.properties.state !== 'paused' ? 'accompanied' : 'closed';
}

export function volunteerTone(one: Volunteer): VolunteerTone {
  return one.properties.active && one.properties.free > 0 ? 'free' : 'full';
}

export function relayTone(one: Relay): RelayTone {
  return one.properties.bears_a_sticker ? 'sticker' : 'plain';
}

export function caseName(one: Case): string {
  return one.properties.name.trim() === '' ? t('coordination.nameless') : one.properties.name;
}

export function quarterName(quarters: readonly Quarter[], id: string | null): string | null {
  if (id === null) return null;
  return quarters.find((quarter) => quarter.id === id)?.properties.name ?? null;
}

/// The quarter's name, "Hors secteur" or "À localiser".
export function placeName(quarters: readonly Quarter[], placed: Placed): string {
  if (placed.sector === 'outside') return t('common.outside');
  if (placed.sector === 'unlocated') return t('common.unlocated');
  return quarterName(quarters, placed.quarter) ?? t('common.none');
}
