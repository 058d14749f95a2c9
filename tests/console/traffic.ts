import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { call, deployDesign } from '../support/design.ts'
import { rawRequest } from '../support/raw.ts'
import type { Turnpike } from '../support/turnpike.ts'

/** Traffic for the views that show it. */

/** A backend whose paths say how it answers: `/fails` with 503, `/missing` with 404, all else with 200. */
export async function startBackend(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, answer) => {
    const [path] = (request.url ?? '').split('?')
    answer.statusCode = path === '/fails' ? 503 : path === '/missing' ? 404 : 200
    answer.end('0123456789')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** Makes a service with a stage `live` that has the paths of such a backend, and one that wants a key. */
export async function deployShop(turnpike: Turnpike, name: string, url: string): Promise<void> {
  const paths = {
    '/pets': {},
    '/pets/{id}': {},
    '/fails': {},
    '/missing': {},
    '/split': {
      plugins: [
        {
          plugin: 'traffic-split',
          config: {
            sides: [
              { name: 'stable', weight: 1 },
              { name: 'next', weight: 0, path: '/fails' },
            ],
            rules: [{ in: 'query', name: 'next', side: 'next' }],
          },
        },
      ],
    },
    '/secret': { plugins: [{ plugin: 'key-auth', config: {} }] },
  }
  await deployDesign(turnpike, name, paths, { backend: { targets: [{ url }] } })
}

/** Sends a request to a service. Returns the answer as text. */
export function ask(turnpike: Turnpike, service: string, path: string, fields = ''): Promise<string> {
  return rawRequest(
    turnpike.gatewayPort,
    `GET ${path} HTTP/1.1\r\nHost: ${service}.localhost\r\n${fields}Connection: close\r\n\r\n`,
  )
}

/** Sends requests, and waits until they are counted. */
export async function askMany(turnpike: Turnpike, service: string, paths: readonly string[]): Promise<void> {
  const path = `/services/${service}/stages/live/statistics`
  const counted = async () => Number((await call(turnpike, 'GET', path)).totals?.calls)
  const wanted = (await counted()) + paths.length
  for (const one of paths) await ask(turnpike, service, one)
  for (const end = Date.now() + 30_000; (await counted()) < wanted; ) {
    if (Date.now() > end) throw new Error(`of ${wanted} requests ${await counted()} were counted`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
