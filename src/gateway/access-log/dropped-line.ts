import { CommonTimes } from '../../lib/log-text.ts'
import type { LogFormat } from '../../plugins/log-sinks.ts'

/** The line by which a log says itself how many of its lines were dropped; in the common formats in the form of a request. */
export function droppedLine(format: LogFormat, time: number, lines: number): string {
  if (format === 'json')
    return `{"time":"${new Date(time).toISOString()}","level":"warn","event":"dropped","lines":${lines}}`
  const start = `- - - [${new CommonTimes().text(time)}] "DROPPED ${lines} lines" 0 0`
  return format === 'combined' ? `${start} "-" "-"` : start
}
