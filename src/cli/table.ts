/** A table of text: columns as wide as they must be, numbers to the right. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => String(row[i] ?? '').length)))
  const isNumeric = titles.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'))
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, i) => (isNumeric[i] ? String(cell).padStart(widths[i] ?? 0) : String(cell).padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [titles, ...rows].map(line).join('\n')
}
