/// The receipt of a report and the code on a sticker, as they are typed; the server reads them in the same way.

const DIGITS = 16;
const CODE = /^[0-9A-HJKMNP-TV-Z]{10}$/;

/// The sixteen digits, or `null` for a number that cannot be a receipt: the last digit checks the others (Luhn).
export function readReceipt(text: string): string | null {
  const digits = text.replace(/[\s.-]/g, '');
  if (!/^\d+$/.test(digits) || digits.length !== DIGITS) return null;
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0 ? digits : null;
}

/// In groups of four, as far as it is typed.
export function groupReceipt(text: string): string {
  return (text.replace(/\D/g, '').slice(0, DIGITS).match(/.{1,4}/g) ?? []).join(' ');
}

/// The code in two groups, or `null` for what cannot be one. Letters that look like digits are taken for them.
export function readCode(text: string): string | null {
  const code = text
    .replace(/[\s\-–‑]/g, '')
    .toUpperCase()
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return CODE.test(code) ? `${code.slice(0, 5)}-${code.slice(5)}` : null;
}
