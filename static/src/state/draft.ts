/// The draft of a report: survives a reload, ends with the tab.

export interface ReportDraft {
  readonly address: string;
  readonly address_id: string | null;
  readonly family_name: string;
  readonly given_name: string;
  readonly phone: string;
  readonly notes: string;
  readonly channel: string;
}

export const EMPTY_DRAFT: ReportDraft = {
  address: '',
  address_id: null,
  family_name: '',
  given_name: '',
  phone: '',
  notes: '',
  channel: '',
};

const KEY = 'bienveilleurs.draft.report';

export function isEmptyDraft(draft: ReportDraft): boolean {
  return Object.values(draft).every((value) => value === null || value === '');
}

export function loadDraft(): ReportDraft {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    const text = (name: keyof ReportDraft): string => (typeof stored[name] === 'string' ? (stored[name] as string) : '');
    return {
      address: text('address'),
      address_id: typeof stored['address_id'] === 'string' ? stored['address_id'] : null,
      family_name: text('family_name'),
      given_name: text('given_name'),
      phone: text('phone'),
      notes: text('notes'),
      channel: text('channel'),
    };
  } catch {
    return EMPTY_DRAFT;
  }
}

export function saveDraft(draft: ReportDraft): void {
  try {
    if (isEmptyDraft(draft)) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Without storage the draft lives as long as the form.
  }
}

export function clearDraft(): void {
  saveDraft(EMPTY_DRAFT);
}
