/** Columns aligned by spaces, as kubectl prints them. Cells are plain text. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('   ')
      .trimEnd();
  return `${[header, ...rows].map(line).join('\n')}\n`;
}

/** 1234 → `1.23k`; 0 → `0`. Three significant digits, for people. */
export function shortNumber(n: number): string {
  if (Number.isInteger(n) && Math.abs(n) < 1000) return String(n);
  const units = ['', 'k', 'M', 'G'];
  let value = n;
  let unit = 0;
  // Rounding may reach the next unit: 999.96 is 1.00k.
  while (Number(Math.abs(value).toFixed(digitsOf(value, unit))) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(digitsOf(value, unit))}${units[unit]}`;
}

function digitsOf(value: number, unit: number): number {
  if (unit === 0) return 1;
  const size = Math.abs(value);
  if (size < 9.995) return 2;
  return size < 99.95 ? 1 : 0;
}

/** Seconds as `0.2 s`, `5m12s`, `2h01m`; `-` for null. */
export function shortAge(seconds: number | null): string {
  if (seconds === null) return '-';
  const tenths = Math.round(seconds * 10) / 10;
  if (tenths < 60) return `${tenths.toFixed(1)} s`;
  const minutes = Math.floor(tenths / 60);
  if (minutes < 60) return `${minutes}m${String(Math.floor(tenths % 60)).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}
