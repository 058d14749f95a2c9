import type { TurnpikeSubject } from './subjects/turnpike.ts'

/** What Turnpike is to do in a case. All subjects get the same requests. To add a case, add an entry. */
export interface Case {
  readonly name: string
  readonly summary: string
  /** The path that is called. */
  readonly path: string
  /** The host that is asked for. */
  readonly host: string
  /** Sets Turnpike up. */
  setUp(turnpike: TurnpikeSubject, upstreamUrl: string): Promise<void>
}

/** Deploys an API with `count` routes; the one that is called lies in the middle. */
async function deployRoutes(turnpike: TurnpikeSubject, upstreamUrl: string, count: number): Promise<void> {
  const paths = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `/bench/${i === count >> 1 ? 'called' : `route-${i}`}/{id}`,
      { get: { summary: `Route ${i}` } },
    ]),
  )
  await turnpike.api('POST', '/imports', {
    service: 'bench',
    document: JSON.stringify({ openapi: '3.1.0', info: { title: 'bench', version: '1' }, paths }),
    backendUrl: upstreamUrl,
    deploy: true,
  })
}

const routed = (name: string, summary: string, count: number): Case => ({
  name,
  summary,
  path: '/bench/called/4711',
  host: 'bench.localhost',
  setUp: (turnpike, upstreamUrl) => deployRoutes(turnpike, upstreamUrl, count),
})

export const cases: readonly Case[] = [
  routed('bare', 'one route, no plugins', 1),
  routed('routes-10000', '10,000 routes, no plugins', 10_000),
]
