import { readFileSync } from 'node:fs'

/** A secret from standard input: on a command line, others on the machine could read it. */
export function readSecret(): string {
  return readFileSync(0, 'utf8').trim()
}
