import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommand } from '../../tests/support/commands.ts'
import { freePort } from '../../tests/support/turnpike.ts'
import { startServer } from '../processes.ts'
import type { Peer } from './subject.ts'

export const caddy: Peer = {
  name: 'caddy',
  isInstalled: () => hasCommand('caddy'),
  async start({ folder, upstreamPort }) {
    const port = await freePort()
    const file = join(folder, 'Caddyfile')
    writeFileSync(
      file,
      `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${upstreamPort}
}
`,
    )
    const args = ['run', '--adapter', 'caddyfile', '--config', file]
    // Its home is ours too, so that it leaves nothing behind.
    const env = { GOMAXPROCS: '1', HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
    return { name: 'caddy', port, ...(await startServer('caddy', args, port, env)) }
  },
}
