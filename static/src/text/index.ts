/// The words of the page: all French text is in the files beside this one (first keys differ), and French typography is applied here, once.
import desks from './desks.json';
import follow from './follow.json';
import fr from './fr.json';
import life from './life.json';
import relayReports from './relay-reports.json';

type Tree = typeof fr & typeof desks & typeof follow & typeof life & typeof relayReports;
const texts: Readonly<Record<string, unknown>> = { ...fr, ...desks, ...follow, ...life, ...relayReports };
type Leaf<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaf<T[K], `${P}${K}.`>;
}[keyof T & string];
type Plural<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends { one: string; other: string }
    ? `${P}${K}`
    : T[K] extends string
      ? never
      : Plural<T[K], `${P}${K}.`>;
}[keyof T & string];

/// A key of one text, such as `nav.help`.
export type TextKey = Leaf<Tree>;
/// A key of a text with a singular and a plural.
export type PluralKey = Plural<Tree>;
export type Params = Readonly<Record<string, string | number>>;

const NBSP = '\u00a0';
const NARROW = '\u202f';
const rules = new Intl.PluralRules('fr');

/// French typography: ’ for ', no-break spaces before double punctuation, inside « » and between a number and its unit.
export function typography(text: string): string {
  return text
    .replaceAll("'", '’')
    .replace(/ :/g, `${NBSP}:`)
    .replace(/ ([;!?%])/g, `${NARROW}$1`)
    .replace(/« /g, `«${NBSP}`)
    .replace(/ »/g, `${NBSP}»`)
    .replace(/([\d}]) (?=(?:m|km|min|km\/h|h)\b)/g, `$1${NARROW}`);
}

function lookUp(key: string): string | undefined {
  let node: unknown = texts;
  for (const part of key.split('.')) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<string, unknown>)[part];
  }
  return typeof node === 'string' ? node : undefined;
}

function fill(template: string, params?: Params): string {
  // Typography first: a value such as a name or a formatted number is never touched.
  return typography(template).replace(/( ?)\{(\w+)\}( ?)/g, (whole, before: string, name: string, after: string) => {
    const value = params?.[name];
    if (value === undefined) return whole;
    return `${before}${String(value)}${after}`;
  });
}

/// The text of a key, its `{names}` filled in.
export function t(key: TextKey, params?: Params): string {
  return fill(lookUp(key) ?? '', params);
}

/// The text of a key with the plural that `n` asks for; `{n}` is filled with `shown` (default: `n`).
export function tn(key: PluralKey, n: number, shown: string | number = n, params?: Params): string {
  const form = rules.select(Math.abs(n)) === 'one' ? 'one' : 'other';
  return fill(lookUp(`${key}.${form}`) ?? '', { n: shown, ...params });
}

/// The label of a member of a closed list, or `otherwise` when this page does not know it (never the raw code).
export function label(list: string, code: string, otherwise: TextKey = 'common.none'): string {
  const text = lookUp(`${list}.${code}`);
  return text === undefined ? t(otherwise) : fill(text);
}

/// The codes of a closed list, in its own order.
export function codesOf(list: string): string[] {
  let node: unknown = texts;
  for (const part of list.split('.')) node = (node as Record<string, unknown> | undefined)?.[part];
  return typeof node === 'object' && node !== null ? Object.keys(node) : [];
}
