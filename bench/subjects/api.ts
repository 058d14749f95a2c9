import type { Turnpike } from './turnpike.ts'

/** The APIs that Turnpike serves in a benchmark, set up as a user would: through the management API. */

/** The service that is benchmarked: called as `bench.localhost`. */
export const SERVICE = 'bench'
export const HOST = 'bench.localhost'

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>

/** Deploys `count` routes, which are called as `SERVICE.localhost`; the one that is called, `/called/{id}`, lies in the middle. */
export function deployRoutes(turnpike: Turnpike, backendUrl: string, count: number, service = SERVICE): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => (i === count >> 1 ? 'called' : `route-${i}`))
  const paths = Object.fromEntries(names.map((name) => [`/${name}/{id}`, { get: { summary: `Read ${name}` } }]))
  return deployPaths(turnpike, backendUrl, paths, service)
}

/** Deploys an OpenAPI document's paths. */
export async function deployPaths(
  turnpike: Turnpike,
  backendUrl: string,
  paths: Paths,
  service = SERVICE,
): Promise<void> {
  await turnpike.api('POST', '/imports', {
    service,
    document: JSON.stringify({ openapi: '3.1.0', info: { title: 'Benchmark', version: '1' }, paths }),
    backendUrl,
    deploy: true,
  })
}

/** Changes a little of the stage and deploys it again, so that each deployment is a new snapshot. Resolves when it is live. */
export async function redeploy(turnpike: Turnpike, revision: number): Promise<void> {
  const stage = `/services/${SERVICE}/stages/live`
  await turnpike.api('PATCH', stage, { variables: { revision: String(revision) } })
  await turnpike.api('POST', `${stage}/deployments`, {})
}
