/// Tables for French spreadsheets: UTF-8 with BOM, `;`, decimal comma, and no cell that a spreadsheet would run.

export type Cell = string | number;

function decimal(value: number): string {
  return String(value).replace('.', ',');
}

/// A cell that begins with = + - @, a tab or a return (or an apostrophe before one of those) gets a leading apostrophe,
/// so that reading the file back loses nothing. Numbers are ours and stay numbers.
export function csvCell(value: Cell): string {
  if (typeof value === 'number') return decimal(value);
  const safe = /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${rows.map((row) => row.map(csvCell).join(';')).join('\r\n')}\r\n`;
}

export function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
