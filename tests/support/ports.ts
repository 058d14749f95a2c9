import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Ports that nothing else takes between the moment when they are chosen and the one when a program listens on them. */

/** Above 10080, the highest that browsers and `fetch` refuse to call. */
const FIRST_PORT = 11_000
/** Where outgoing connections get theirs, unless the system says otherwise. */
const USUAL_EPHEMERAL = 32_768
/** So many ports are a part, of which the first is its guard: whoever listens on that has the part. */
const PART = 100
/** Processes that begin together have neighbouring ids: they look for their parts far from one another. */
const SPREAD = 61

/** Below the ports of outgoing connections: one of these could take what has just been found free. */
const parts = Math.floor((ephemeralStart() - FIRST_PORT) / PART)

/** Ports that no other pool of this machine gives, as long as this process runs. */
export class PortPool {
  /** The part in which a free one is looked for first. */
  private readonly begin: number
  private passed = 0
  private next = 0
  private end = 0

  constructor(begin: number) {
    this.begin = begin
  }

  /** A port of loopback that nobody listens on at this moment; never twice the same. */
  async take(): Promise<number> {
    // Where there is no room, the system chooses.
    if (parts < 1) return listened(0)
    for (;;) {
      if (this.next === this.end) await this.takePart()
      const port = await listened(this.next++).catch(unlessTaken)
      if (port !== null) return port
    }
  }

  private async takePart(): Promise<void> {
    for (; this.passed < parts; this.passed++) {
      const guard = FIRST_PORT + ((this.begin + this.passed) % parts) * PART
      const server = await listen(guard).catch(unlessTaken)
      if (server === null) continue
      // Held until the process ends, which it does not keep from ending.
      server.unref()
      this.passed++
      this.next = guard + 1
      this.end = guard + PART
      return
    }
    throw new Error('no port is free')
  }
}

const pool = new PortPool(process.pid * SPREAD)

/** A port of loopback that nobody listens on at this moment, and that no other test is given; never twice the same. */
export function freePort(): Promise<number> {
  return pool.take()
}

function unlessTaken(error: NodeJS.ErrnoException): null {
  if (error.code === 'EADDRINUSE') return null
  throw error
}

/** Listens on a port for a moment. */
async function listened(port: number): Promise<number> {
  const server = await listen(port)
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function listen(port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => resolve(server))
  })
}

function ephemeralStart(): number {
  try {
    const [start = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)
    return Number(start) || USUAL_EPHEMERAL
  } catch {
    return USUAL_EPHEMERAL
  }
}
