import { join } from 'node:path'
import { freePort } from '../../tests/support/turnpike.ts'
import { startServer } from '../processes.ts'
import type { Peer } from './subject.ts'

/** `@fastify/http-proxy`: what a team that writes its own gateway on Node.js reaches for. */
export const fastify: Peer = {
  name: 'fastify',
  isInstalled: () => true,
  async start({ upstreamPort }) {
    const port = await freePort()
    const program = join(import.meta.dirname, 'fastify-program.ts')
    return {
      name: 'fastify',
      port,
      ...(await startServer(process.execPath, [program, String(port), String(upstreamPort)], port)),
    }
  },
}
