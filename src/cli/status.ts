import { createClient, type GlobalOptions } from './client.ts'
import { print } from './output.ts'
import { table } from './table.ts'

interface StatusAnswer {
  readonly version: string
  readonly node: string
  readonly nodes: readonly {
    readonly name: string
    readonly requests: number
    readonly workers: readonly {
      readonly id: number
      readonly state: string
      readonly restarts: number
      readonly connections: number
      readonly webSockets: number
      readonly requests: number
      readonly startedAt: string
    }[]
    readonly snapshots: readonly {
      readonly service: string
      readonly stage: string
      readonly hash: string
      readonly routes: number
      readonly hosts: readonly string[]
      readonly prefix: string | null
      readonly canary: { readonly hash: string; readonly share: number } | null
    }[]
  }[]
}

/** `turnpike status`: workers, live stages and requests. */
export async function status(options: GlobalOptions): Promise<void> {
  const answer = (await createClient(options).call('GET', '/status')) as StatusAnswer
  const sections = answer.nodes.flatMap(({ name, workers, snapshots, requests }) => [
    `Node ${name}: ${requests === 1 ? '1 request' : `${requests} requests`}`,
    '',
    table(
      ['WORKER', 'STATE', 'SINCE', 'RESTARTS', 'CONNECTIONS', 'WEBSOCKETS', 'REQUESTS'],
      workers.map((worker) => [
        worker.id,
        worker.state,
        worker.startedAt,
        worker.restarts,
        worker.connections,
        worker.webSockets,
        worker.requests,
      ]),
    ),
    '',
    snapshots.length === 0
      ? 'No stage is live yet: import and deploy one with "turnpike import FILE --service NAME --backend URL --deploy".'
      : table(
          ['STAGE', 'LIVE', 'CANARY', 'ROUTES', 'HOSTS'],
          snapshots.map(({ service, stage, hash, canary, routes, hosts, prefix }) => [
            `${service}/${stage}`,
            hash.slice(0, 12),
            canary === null ? '-' : `${canary.hash.slice(0, 12)} (${canary.share} %)`,
            routes,
            [...hosts, ...(prefix === null ? [] : [`(base domain)${prefix}`])].join(', '),
          ]),
        ),
  ])
  print(options, answer, [`Turnpike ${answer.version} on Node.js ${answer.node}`, '', ...sections].join('\n'))
}
