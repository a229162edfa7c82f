/// The draft of a relay's report, without an account: in the tab's own storage, gone with the tab, when it was sent, and
/// after two hours in any case, for a shop's screen is everybody's.

export const RELAY_SIGNS = ['danger_immediat', 'idees_suicidaires', 'child'] as const;
export type RelaySign = (typeof RELAY_SIGNS)[number];

export interface RelayDraft {
  readonly code: string;
  readonly notes: string;
  readonly address: string;
  readonly name: string;
  readonly reporter: string;
  readonly signs: readonly RelaySign[];
}

export const EMPTY_RELAY_DRAFT: RelayDraft = { code: '', notes: '', address: '', name: '', reporter: '', signs: [] };

const KEY = 'bienveilleurs.draft.relay';
const KEPT_MS = 2 * 3_600_000;

/// Whether nothing was typed; the code came with the address.
export function isEmptyRelayDraft(draft: RelayDraft): boolean {
  return draft.signs.length === 0 && [draft.notes, draft.address, draft.name, draft.reporter].every((text) => text === '');
}

export function loadRelayDraft(now: number = Date.now()): RelayDraft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Record<string, unknown> | null;
    if (kept === null) return EMPTY_RELAY_DRAFT;
    const at = kept['at'];
    if (typeof at !== 'number' || now - at > KEPT_MS || now < at) {
      clearRelayDraft();
      return EMPTY_RELAY_DRAFT;
    }
    const stored = kept['draft'] as Record<string, unknown>;
    const text = (name: keyof RelayDraft): string => (typeof stored[name] === 'string' ? (stored[name] as string) : '');
    const signs = Array.isArray(stored['signs']) ? (stored['signs'] as unknown[]) : [];
    return {
      code: text('code'),
      notes: text('notes'),
      address: text('address'),
      name: text('name'),
      reporter: text('reporter'),
      signs: RELAY_SIGNS.filter((sign) => signs.includes(sign)),
    };
  } catch {
    clearRelayDraft();
    return EMPTY_RELAY_DRAFT;
  }
}

export function saveRelayDraft(draft: RelayDraft, now: number = Date.now()): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ at: now, draft }));
  } catch {
    // Without storage the draft lives as long as the form.
  }
}

export function clearRelayDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
