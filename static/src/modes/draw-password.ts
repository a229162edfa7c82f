/// A password drawn in the browser, for somebody else: four groups of four signs that are not mistaken for one another,
/// 93 bits, as the demonstration's own are drawn.

const READABLE = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP = 4;
const KINDS = [/[a-z]/, /[A-Z]/, /[2-9]/];

function byte(): number {
  return crypto.getRandomValues(new Uint8Array(1))[0] as number;
}

function sign(): string {
  // Beyond the last whole multiple some signs would come more often.
  const fair = 256 - (256 % READABLE.length);
  for (;;) {
    const drawn = byte();
    if (drawn < fair) return READABLE.charAt(drawn % READABLE.length);
  }
}

export function drawPassword(): string {
  for (;;) {
    const groups = Array.from({ length: GROUPS }, () => Array.from({ length: GROUP }, sign).join(''));
    const drawn = groups.join('-');
    if (KINDS.every((kind) => kind.test(drawn))) return drawn;
  }
}
