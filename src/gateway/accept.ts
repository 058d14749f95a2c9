/** Content negotiation (RFC 9110, section 12.5.1). */

interface Range {
  readonly type: string
  readonly subtype: string
  readonly quality: number
}

const MAX_RANGES = 32

/**
 * The place of the media type that `accept` likes best; among equals the first. 0 where it says nothing, or likes none:
 * an error that cannot be shown as asked is shown all the same.
 */
export function negotiate(accept: string | undefined, mediaTypes: readonly string[]): number {
  if (accept === undefined || mediaTypes.length < 2) return 0
  const ranges = accept.split(',', MAX_RANGES).flatMap(parseRange)
  let best = 0
  let bestQuality = 0
  for (const [i, mediaType] of mediaTypes.entries()) {
    const quality = qualityOf(mediaType, ranges)
    if (quality <= bestQuality) continue
    best = i
    bestQuality = quality
  }
  return best
}

function parseRange(text: string): Range[] {
  const [range = '', ...parameters] = text.toLowerCase().split(';')
  const [type, subtype] = range.trim().split('/')
  if (type === undefined || subtype === undefined) return []
  const weight = parameters.map((parameter) => /^\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean)
  return [{ type, subtype, quality: weight === undefined ? 1 : Math.min(1, Number(weight)) }]
}

/** The quality of the most specific range that takes in a media type. */
function qualityOf(mediaType: string, ranges: readonly Range[]): number {
  const [type, subtype] = mediaType.toLowerCase().split('/')
  const exact = ranges.find((range) => range.type === type && range.subtype === subtype)
  const ofType = ranges.find((range) => range.type === type && range.subtype === '*')
  return (exact ?? ofType ?? ranges.find((range) => range.type === '*' && range.subtype === '*'))?.quality ?? 0
}
