import type { FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable } from '../model/errors.ts'

/** Events that are sent as they come (server-sent events), for as long as the caller may see them. */

/** The most at a time: each costs a connection and its share of every second. */
const MAX_FEEDS = 200
/** Whoever has so much unread is too slow, and is cut off: nothing is kept for them. */
const MAX_UNREAD_BYTES = 65_536
const KEEP_ALIVE_MS = 15_000
/** How long after logging out, or losing a role, a feed still runs at most. */
const RECHECK_MS = 3_000

/** Sends values to one caller. */
export interface Feed {
  send(event: string, value: unknown): void
}

/** The feeds of one server. */
export class Feeds {
  private readonly open = new Set<() => void>()

  /** Ends all. */
  close(): void {
    for (const end of this.open) end()
  }

  /** Answers with a feed. `begin` is given it, and gives back what is to be done at its end. Throws `Unavailable` where there are too many. */
  start(request: FastifyRequest, reply: FastifyReply, begin: (feed: Feed) => () => void): void {
    if (this.open.size >= MAX_FEEDS)
      throw new Unavailable(`There are ${MAX_FEEDS} live feeds, which is the most: close one, and try again.`)
    reply.hijack()
    const { raw } = reply
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    raw.write('retry: 2000\n\n')
    const end = () => raw.end()
    const stop = begin({
      send(event, value) {
        if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy()
        else raw.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`)
      },
    })
    const keepAlive = setInterval(() => raw.write(': still here\n\n'), KEEP_ALIVE_MS)
    const recheck = setInterval(() => {
      // Where the store is gone, nobody can have lost a right either.
      request.mayGoOn().then(
        (mayGoOn) => mayGoOn || end(),
        () => undefined,
      )
    }, RECHECK_MS)
    this.open.add(end)
    raw.once('close', () => {
      clearInterval(keepAlive)
      clearInterval(recheck)
      this.open.delete(end)
      stop()
    })
  }
}
