/// How strong a password is, as the CNIL counts (recommendation 2022-100): its length times the bits of the alphabet that
/// it draws from; a phrase counts by its words, different ones of four letters at least, and never more than its signs are
/// worth; what goes on by itself (`aaaa`, `1234`, `azerty`, `abcabc`) counts little.
/// This mirrors `src/domain/password.rs`, so that the page can show it while one types; the server decides.

/// What is asked of an account, and what is enough for a volunteer, whose wrong attempts are slowed down.
export const BITS_NEEDED = 80;
export const BITS_NEEDED_VOLUNTEER = 50;

/// One word of a phrase: log2 of 7776.
const WORD_BITS = 12.9;
/// Fewest letters of a word that counts, what goes on by itself left out.
const WORD_LETTERS = 4;
/// A run of at least so many signs that go on by themselves counts as two.
const RUN = 3;
const ROWS = ['azertyuiop', 'qsdfghjklm', 'wxcvbn', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/// Lower case, upper case, digits, and the 37 other signs of the CNIL's own example.
const KINDS: readonly (readonly [RegExp, number])[] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/[0-9]/, 10],
  [/[^\p{Ll}\p{Lu}0-9]/u, 37],
];

/// As `fold` of `src/domain/text.rs`.
function plain(word: string): string {
  const letters = word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\p{M}/gu, '');
  const whole = letters.replaceAll('œ', 'oe').replaceAll('æ', 'ae').replaceAll('ß', 'ss');
  return whole.replace(/[^\p{Alphabetic}\p{N}]+/gu, ' ').trim();
}

/// How many signs from the first on go on in one way: the same, the next, the one before, the neighbour's key.
function runLength(signs: readonly string[]): number {
  const code = (sign: string): number => sign.codePointAt(0) as number;
  const wordy = (sign: string): boolean => /[\p{L}\p{N}]/u.test(sign);
  const ways: readonly ((a: string, b: string) => boolean)[] = [
    (a, b) => a === b,
    (a, b) => wordy(a) && code(a) + 1 === code(b),
    (a, b) => wordy(b) && code(b) + 1 === code(a),
    (a, b) => ROWS.some((row) => row.includes(a + b)),
    (a, b) => ROWS.some((row) => row.includes(b + a)),
  ];
  return Math.max(
    ...ways.map((way) => {
      let n = 1;
      while (n < signs.length && way(signs[n - 1] as string, signs[n] as string)) n += 1;
      return n;
    }),
  );
}

/// The length without what goes on by itself.
function effectiveLength(password: string): number {
  let signs = [...password].map((sign) => sign.toLowerCase());
  let length = 0;
  // A block that is repeated to the end counts once.
  for (let period = 1; period <= signs.length / 2; period += 1) {
    if (!signs.every((sign, i) => i < period || sign === signs[i - period])) continue;
    signs = signs.slice(0, period);
    length = 1;
    break;
  }
  for (let at = 0; at < signs.length; ) {
    const run = runLength(signs.slice(at));
    length += run >= RUN ? 2 : 1;
    at += run >= RUN ? run : 1;
  }
  return length;
}

export function bits(password: string): number {
  const alphabet = KINDS.reduce((sum, [sign, size]) => (sign.test(password) ? sum + size : sum), 0);
  const bySigns = effectiveLength(password) * Math.log2(Math.max(1, alphabet));
  const words = password.split(/[\s\-_.,;:'’]+/u).map(plain).filter((word) => word !== '');
  if (words.length < 2 || !words.every((word) => /^\p{Alphabetic}+$/u.test(word))) return Math.round(bySigns);
  const counted = new Set(words.filter((word) => effectiveLength(word) >= WORD_LETTERS));
  return Math.round(Math.min(WORD_BITS * counted.size, bySigns));
}
