/// A row of the trail as a sentence that can be read alone, and the filters as the address and the server want them.
import type { AuditRow } from '../api/desks';
import { codesOf, label, t, type TextKey, tn } from '../text';
import { count, date } from '../text/format';

// ---- filters

export interface Filters {
  readonly from: string;
  readonly to: string;
  readonly actor: string;
  readonly act: string;
  readonly resource: string;
  readonly subject: string;
}
export type FilterName = keyof Filters;

export const NO_FILTERS: Filters = { from: '', to: '', actor: '', act: '', resource: '', subject: '' };

/// Their names in the address of the page.
const PARAMS: Readonly<Record<FilterName, string>> = {
  from: 'du',
  to: 'au',
  actor: 'qui',
  act: 'acte',
  resource: 'objet',
  subject: 'personne',
};
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const CODE = /^[a-z_]{1,40}$/;
const ALLOWED: Readonly<Record<FilterName, RegExp>> = {
  from: DAY,
  to: DAY,
  actor: /^(?:account:\d{1,15}|command_line|nobody|service)$/,
  act: CODE,
  resource: CODE,
  // A pseudonym, a reference, or `case:12`; never a name, which has no place in an address.
  subject: /^(?=.*\d)[\w:./-]{1,64}$/,
};
const NAMES = Object.keys(PARAMS) as FilterName[];

/// Reads the settings of an address; what is not understood is left out.
export function filtersOf(params: Readonly<Record<string, string>>): Filters {
  const found: Record<FilterName, string> = { ...NO_FILTERS };
  for (const name of NAMES) {
    const value = params[PARAMS[name]] ?? '';
    if (ALLOWED[name].test(value)) found[name] = value;
  }
  return found;
}

/// Writes the settings of an address; what is not set is left out.
export function paramsOf(filters: Filters): Readonly<Record<string, string>> {
  return Object.fromEntries(NAMES.filter((name) => filters[name] !== '').map((name) => [PARAMS[name], filters[name]]));
}

export function howMany(filters: Filters): number {
  return NAMES.filter((name) => filters[name] !== '').length;
}

/// What the server is asked; `null` leaves out where to go on, and how many.
export function auditQuery(filters: Filters, before: string | null, limit: number | null): string {
  const query = new URLSearchParams();
  for (const name of NAMES) if (filters[name] !== '') query.set(name, filters[name]);
  if (before !== null) query.set('before', before);
  if (limit !== null) query.set('limit', String(limit));
  return query.toString();
}

// ---- sentences

export function actorWords(actor: string, name: string | null): string {
  if (name !== null && name !== '') return name;
  if (actor === 'nobody') return t('audit.nobody');
  if (actor === 'command_line') return t('audit.command_line');
  if (actor === 'service') return t('audit.service');
  const id = /^account:(\d+)$/.exec(actor)?.[1];
  return id === undefined ? t('audit.unknown_actor') : t('audit.gone_account', { id });
}

/// Acts on many things at once even when there was one.
const WHOLE: ReadonlySet<string> = new Set(['import', 'export', 'purge']);

function objectWords({ act, resource, records }: AuditRow): string {
  if (act === 'list' || act === 'search') return label('audit.lists', resource, 'audit.lists.other');
  if (WHOLE.has(act) || records > 1) return label('audit.many', resource, 'audit.many.other');
  return label('audit.one', resource, 'audit.one.other');
}

/// "a lu la liste des situations (60)".
export function actWords(row: AuditRow): string {
  const refused = row.outcome === 'refused';
  const known = codesOf(refused ? 'audit.wanted' : 'audit.did');
  const form = [`${row.act}_${row.resource}`, row.act].find((code) => known.includes(code)) ?? 'other';
  const said = t(`audit.${refused ? 'wanted' : 'did'}.${form}` as TextKey, { what: objectWords(row) });
  const many = row.records > 1 ? `${said} (${count(row.records)})` : said;
  return refused ? t('audit.refused_to', { sentence: many }) : many;
}

/// "Camille D. a lu la liste des situations (60)".
export function sentence(row: AuditRow): string {
  return `${actorWords(row.actor, row.actor_name)} ${actWords(row)}`;
}

const month = new Intl.DateTimeFormat('fr-FR', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/// What the service notes with a number or a day in it.
const NOTED: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^seen as account:(\d+)$/, (id = '') => t('audit.reason_seen_as', { id })],
  [/^[A-Z]+ ([a-z_]+)$/, (right = '') => label('audit.rights', right)],
  [
    /^[A-Z]+ ([a-z_]+): ([a-z_]+)$/,
    (right = '', code = '') => t('audit.reason_refusal', { what: label('audit.rights', right), why: label('audit.refusals', code, 'audit.refusals.other') }),
  ],
  [/^(relay's report), (.+)$/, (what = '', why = '') => t('audit.reason_refusal', { what: plainReason(what), why: reasonWords({ act: 'read', reason: why }) })],
  [/^run (\d+)$/, (id = '') => t('audit.reason_run', { id })],
  [/^request (\d+)$/, (id = '') => t('audit.reason_request', { id })],
  [/^details, request (\d+)$/, (id = '') => t('audit.reason_details', { id })],
  [/^request (\d+) carried out$/, (id = '') => t('audit.reason_carried_out', { id })],
  [/^(\d+) findings$/, (n = '') => tn('audit.reason_findings', Number(n), count(Number(n)))],
  [
    /^(?:(?:run|request) \d+: |refusal: )?(\d+) needles, (\d+) found$/,
    (n = '', found = '') =>
      tn('audit.reason_proof', Number(n), count(Number(n)), { found: tn('audit.reason_proof_found', Number(found), count(Number(found))) }),
  ],
  [/^kept from (\d{4}-\d{2})$/, (from = '') => t('audit.reason_kept_from', { month: month.format(new Date(`${from}-01`)) })],
  [/^opposition of (\d{4}-\d{2}-\d{2}) passed over: (.+)$/su, (day = '', why = '') => t('audit.reason_despite', { date: date(day), reason: plainReason(why) })],
];

function plainReason(reason: string): string {
  return codesOf('audit.reasons').includes(reason) ? label('audit.reasons', reason) : reason;
}

/// Why, in French: what somebody wrote stays as it is, what the service notes is translated. Empty when there is nothing
/// to say.
export function reasonWords(row: Pick<AuditRow, 'act' | 'reason'>): string {
  const { act, reason } = row;
  // A new month names the ends of all chains: for the machine alone.
  if (reason === '' || act === 'segment') return '';
  if (act === 'break') return label('audit.flaws', reason, 'audit.flaws.other');
  for (const [pattern, words] of NOTED) {
    const found = pattern.exec(reason);
    if (found) return words(...found.slice(1));
  }
  return plainReason(reason);
}
