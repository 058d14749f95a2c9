import { Invalid } from '../model/errors.ts'

/** A time in the future, in UTC. Throws `Invalid`. */
export function readFuture(what: string, given: string): string {
  const time = Date.parse(given)
  if (time > Date.now()) return new Date(time).toISOString()
  throw new Invalid(`The ${what} would have expired already.`, [
    { path: '/expiresAt', message: `${given} is not a time in the future.` },
  ])
}
