import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Ports that nothing else takes between the moment when they are chosen and the one when a program listens on them. */

/** Above 10080, the highest that browsers and `fetch` refuse to call. */
const FIRST_PORT = 11_000
/** Where outgoing connections get theirs, unless the system says otherwise. */
const USUAL_EPHEMERAL = 32_768
/** So many ports are a part: far more than a test file takes. */
const PART = 100
/** Test files run at the same time, and processes that begin together have neighbouring ids: their parts lie far from one another. */
const SPREAD = 61

/** Below the ports of outgoing connections: one of these could take what has just been found free. */
const parts = Math.floor((ephemeralStart() - FIRST_PORT) / PART)
let taken = 0

/** A port of loopback that nobody listens on at this moment, and that no other test is given; never twice the same. */
export async function freePort(): Promise<number> {
  // Where there is no room, the system chooses.
  if (parts < 1) return listened(0)
  for (let tries = 0; tries < parts * PART; tries++) {
    const begin = (process.pid * SPREAD) % parts
    const port = FIRST_PORT + ((begin * PART + taken++) % (parts * PART))
    try {
      return await listened(port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error('no port is free')
}

/** Listens on a port for a moment. */
async function listened(port: number): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function ephemeralStart(): number {
  try {
    const [start = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)
    return Number(start) || USUAL_EPHEMERAL
  } catch {
    return USUAL_EPHEMERAL
  }
}
