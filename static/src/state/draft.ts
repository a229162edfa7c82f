/// The draft of a report. It holds what was said about somebody, so it is kept as little as keeping one's work allows:
/// in the tab's own storage (gone when the tab is closed), bound to the account that typed it (gone when somebody else
/// signs in), for twelve hours at most. It survives a reload and a session that has run out, since nobody chose those;
/// whoever signs out is asked whether it is kept.

export interface ReportDraft {
  readonly address: string;
  readonly address_id: string | null;
  /// A point that was put on the map.
  readonly position: readonly [lon: number, lat: number] | null;
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
  readonly notes: string;
  readonly channel: string;
  readonly signs: readonly string[];
  readonly danger_action: string;
  readonly reporter_name: string;
  readonly reporter_phone: string;
  readonly reporter_relation: string;
  readonly subject: string;
  /// As typed.
  readonly people: string;
  readonly mobility: string;
  readonly causes: readonly string[];
  readonly duration: string;
  readonly languages: readonly string[];
  /// Drawn when it is first sent: sent again, it is the same report.
  readonly key: string;
}

export const EMPTY_DRAFT: ReportDraft = {
  address: '',
  address_id: null,
  position: null,
  family_name: '',
  given_name: '',
  phone: '',
  notes: '',
  channel: '',
  signs: [],
  danger_action: '',
  reporter_name: '',
  reporter_phone: '',
  reporter_relation: '',
  subject: '',
  people: '',
  mobility: '',
  causes: [],
  duration: '',
  languages: [],
  key: '',
};

const KEY = 'bienveilleurs.draft.report';
const KEPT_MS = 12 * 3_600_000;

export function isEmptyDraft(draft: ReportDraft): boolean {
  const empty = (value: unknown): boolean => value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return Object.entries(draft).every(([name, value]) => name === 'key' || empty(value));
}

/// A stored value, when it is of the kind that the draft has there.
function like(empty: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(empty)) return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : empty;
  if (name === 'position') return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) ? value : null;
  return typeof value === 'string' ? value : empty;
}

/// The draft of this account; one of somebody else, or one that is too old, is erased.
export function loadDraft(account: number, now: number = Date.now()): ReportDraft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Record<string, unknown> | null;
    if (kept === null) return EMPTY_DRAFT;
    const at = kept['at'];
    if (kept['account'] !== account || typeof at !== 'number' || now - at > KEPT_MS || now < at) {
      clearDraft();
      return EMPTY_DRAFT;
    }
    const stored = kept['draft'] as Record<string, unknown>;
    return Object.fromEntries(Object.entries(EMPTY_DRAFT).map(([name, empty]) => [name, like(empty, name, stored[name])])) as unknown as ReportDraft;
  } catch {
    clearDraft();
    return EMPTY_DRAFT;
  }
}

export function saveDraft(account: number, draft: ReportDraft, now: number = Date.now()): void {
  if (isEmptyDraft(draft)) {
    clearDraft();
    return;
  }
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ account, at: now, draft }));
  } catch {
    // Without storage the draft lives as long as the form.
  }
}

export function clearDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
