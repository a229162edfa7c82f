/// The draft of a report. It holds what was said about somebody, so it is kept as little as keeping one's work allows:
/// in the tab's own storage (gone when the tab is closed), bound to the account that typed it (gone when somebody else
/// signs in), for twelve hours at most. It survives a reload and a session that has run out, since nobody chose those;
/// whoever signs out is asked whether it is kept.

export interface ReportDraft {
  readonly address: string;
  readonly address_id: string | null;
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
  readonly notes: string;
  readonly channel: string;
  readonly danger: boolean;
}

export const EMPTY_DRAFT: ReportDraft = {
  address: '',
  address_id: null,
  family_name: '',
  given_name: '',
  phone: '',
  notes: '',
  channel: '',
  danger: false,
};

const KEY = 'bienveilleurs.draft.report';
const KEPT_MS = 12 * 3_600_000;

export function isEmptyDraft(draft: ReportDraft): boolean {
  return Object.values(draft).every((value) => value === null || value === '' || value === false);
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
    const text = (name: keyof ReportDraft): string => (typeof stored[name] === 'string' ? (stored[name] as string) : '');
    return {
      address: text('address'),
      address_id: typeof stored['address_id'] === 'string' ? stored['address_id'] : null,
      family_name: text('family_name'),
      given_name: text('given_name'),
      phone: text('phone'),
      notes: text('notes'),
      channel: text('channel'),
      danger: stored['danger'] === true,
    };
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
