import type { FieldProblem } from '../../api/client.ts'

/** What is wrong with a line of a file, beside what it says. Without a number it is about the whole file. */
export interface LineProblem {
  readonly line: number | null
  readonly text: string
  readonly message: string
}

/** What the server says of an import, by line, with the text of that line in the file. */
export function lineProblems(csv: string, errors: readonly FieldProblem[]): LineProblem[] {
  const lines = csv.split(/\r\n|\r|\n/)
  return errors.map(({ path, message }) => {
    const number = /^\/lines\/(\d+)/.exec(path)?.[1]
    if (number === undefined) return { line: null, text: '', message }
    return { line: Number(number), text: lines[Number(number) - 1] ?? '', message: message.replace(/^Line \d+: /, '') }
  })
}

/** Values that were made, as CSV (RFC 4180); what a spreadsheet would take for a formula is not one. */
export function madeValuesCsv(
  keys: readonly { readonly name: string; readonly primary: string | null; readonly secondary: string | null }[],
): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const rows = keys.map(({ name, primary, secondary }) => [name, primary ?? '', secondary ?? ''].map(cell).join(','))
  return `${['name,primary,secondary', ...rows].join('\r\n')}\r\n`
}
