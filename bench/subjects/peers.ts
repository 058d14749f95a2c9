import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathWithSbin } from '../packages.ts'
import { freePort, listening, start } from '../process.ts'
import type { Subject, SubjectContext } from './subject.ts'

/** The other proxies, each with one thread and keep-alive to the upstream. */

export async function startHaproxy({ folder, upstreamPort }: SubjectContext): Promise<Subject> {
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  const text = `global
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
`
  writeFileSync(file, text)
  const child = start('haproxy', ['-f', file, '-db'], pathWithSbin())
  await listening(port)
  return { name: 'haproxy', port, pid: child.pid ?? 0 }
}

export async function startCaddy({ folder, upstreamPort }: SubjectContext): Promise<Subject> {
  const port = await freePort()
  const file = join(folder, 'Caddyfile')
  writeFileSync(
    file,
    `{\n  admin off\n  auto_https off\n}\nhttp://:${port} {\n  bind 127.0.0.1\n  reverse_proxy 127.0.0.1:${upstreamPort}\n}\n`,
  )
  const child = start('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    ...pathWithSbin(),
    GOMAXPROCS: '1',
    HOME: folder,
  })
  await listening(port)
  return { name: 'caddy', port, pid: child.pid ?? 0 }
}

export async function startFastifyProxy({ upstreamPort }: SubjectContext): Promise<Subject> {
  const port = await freePort()
  const child = start(process.execPath, [
    join(import.meta.dirname, 'fastify-proxy.ts'),
    String(port),
    String(upstreamPort),
  ])
  await listening(port)
  return { name: 'fastify-proxy', port, pid: child.pid ?? 0 }
}
