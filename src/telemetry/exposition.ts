import type { Family, HistogramFamily, NumberFamily } from './metric.ts'

/**
 * Metrics as Prometheus reads them: the text format 0.0.4, and OpenMetrics 1.0, which differs in a few lines. Written in pieces, so
 * that many series neither are in memory at once nor keep the thread from all else.
 */

export const formats = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const
export type Format = keyof typeof formats

const PIECE_CHARACTERS = 65_536

/** The format that a scraper likes best (RFC 9110, section 12.5.1): OpenMetrics where it says so, else the text format. */
export function formatFor(accept: string | undefined): Format {
  const qualities = { text: 0, openMetrics: 0 }
  for (const range of (accept ?? '').toLowerCase().split(',', 32)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    const quality = weight === undefined ? 1 : Number(weight.slice(2)) || 0
    // Of OpenMetrics we write one version.
    const isOurs = parameters.every((parameter) => !parameter.startsWith('version=') || /=1(\.\d+)*$/.test(parameter))
    if (type === 'application/openmetrics-text' && isOurs) qualities.openMetrics = quality
    else if (type === 'text/plain' || type === 'text/*' || type === '*/*')
      qualities.text = Math.max(qualities.text, quality)
  }
  return qualities.openMetrics > 0 && qualities.openMetrics >= qualities.text ? 'openMetrics' : 'text'
}

/** Writes families, piece by piece. */
export function* expose(families: Iterable<Family>, format: Format): Generator<string> {
  let piece = ''
  for (const family of families) {
    piece += heading(family, format)
    const lines = family.type === 'histogram' ? histogramLines(family) : numberLines(family)
    for (const line of lines) {
      piece += line
      if (piece.length < PIECE_CHARACTERS) continue
      yield piece
      piece = ''
    }
  }
  yield format === 'openMetrics' ? `${piece}# EOF\n` : piece
}

function heading(family: Family, format: Format): string {
  const { name, type, unit } = family
  // A counter's family is called what its samples are called in the one format, and not so in the other.
  const called = format === 'text' ? sampleName(family) : name
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const ofUnit = format === 'openMetrics' && unit !== undefined ? `# UNIT ${called} ${unit}\n` : ''
  return `# HELP ${called} ${help}\n# TYPE ${called} ${type}\n${ofUnit}`
}

function sampleName({ name, type }: Family): string {
  return type === 'counter' ? `${name}_total` : name
}

function* numberLines(family: NumberFamily): Generator<string> {
  const name = sampleName(family)
  for (const [{ text }, value] of family.points) {
    yield text === '' ? `${name} ${number(value)}\n` : `${name}{${text}} ${number(value)}\n`
  }
}

/** All lines of a point at once: there are many of them. */
function* histogramLines({ name, bounds, points }: HistogramFamily): Generator<string> {
  const behind = [...bounds.map(bound), '+Inf'].map((bound) => `le="${bound}"} `)
  for (const [{ text }, { counts, sum }] of points) {
    const labels = text === '' ? '' : `${text},`
    const before = `${name}_bucket{${labels}`
    let count = 0
    let lines = ''
    for (let i = 0; i < behind.length; i++) {
      count += counts[i] ?? 0
      lines += `${before}${behind[i]}${count}\n`
    }
    const own = text === '' ? '' : `{${text}}`
    yield `${lines}${name}_sum${own} ${number(sum)}\n${name}_count${own} ${count}\n`
  }
}

/** The same text in both formats, so that series do not change their names with the scraper: a number with a point in it. */
function bound(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
