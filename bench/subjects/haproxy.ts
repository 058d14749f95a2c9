import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommand } from '../../tests/support/commands.ts'
import { freePort } from '../../tests/support/turnpike.ts'
import { startServer } from '../processes.ts'
import type { Peer } from './subject.ts'

export const haproxy: Peer = {
  name: 'haproxy',
  isInstalled: () => hasCommand('haproxy'),
  async start({ folder, upstreamPort }) {
    const port = await freePort()
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  server one 127.0.0.1:${upstreamPort}
`,
    )
    return { name: 'haproxy', port, ...(await startServer('haproxy', ['-f', file, '-db'], port)) }
  },
}
