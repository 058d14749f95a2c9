import type { GlobalOptions } from './client.ts'

/** Prints a result: as JSON, or as text for people. */
export function print({ json }: Pick<GlobalOptions, 'json'>, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text}\n`)
}
