/// Reports without an account, what a receipt tells, where a case came from, and the codes on stickers.
import { getJson, postJson } from './client';

export interface NewRelayReport {
  readonly code: string;
  readonly notes: string;
  readonly address: string;
  readonly name: string;
  readonly reporter: string;
  readonly signs: readonly string[];
}

export interface ReceiptProgress {
  readonly progress: string;
  /// Monday of the week of the last step that may be told.
  readonly week_on: string;
}

export interface RelayOrigin {
  /// Whether it came by a sticker's code; nothing else is told of one that did not.
  readonly by_code: boolean;
  readonly relay_id: number | null;
  readonly relay: string | null;
  readonly reporter: string | null;
  /// The day on which somebody like this person refused.
  readonly refused_on: string | null;
}

export interface StickerCode {
  /// `null` before there is one.
  readonly code: string | null;
  readonly made_on: string | null;
  /// Where the public reports without a code: the code is typed there.
  readonly address: string;
  /// Leads there with the code.
  readonly qr_svg: string;
}

/// Answers the receipt.
export async function sendRelayReport(report: NewRelayReport): Promise<string> {
  return (await postJson<{ receipt: string }>('/relay-reports', report)).receipt;
}

export function fetchProgress(receipt: string): Promise<ReceiptProgress> {
  return postJson<ReceiptProgress>('/relay-reports/status', { receipt });
}

export function fetchOrigin(caseId: number): Promise<RelayOrigin> {
  return getJson<RelayOrigin>(`/cases/${caseId}/relay-report`);
}

export function fetchStickerCode(relayId: number, signal: AbortSignal): Promise<StickerCode> {
  return getJson<StickerCode>(`/relays/${relayId}/sticker-code`, signal);
}

export function renewStickerCode(relayId: number): Promise<StickerCode> {
  return postJson<StickerCode>(`/relays/${relayId}/sticker-code`);
}
