import type { Json, Turnpike } from './turnpike.ts'

/** A path of a design, as short as it can be: its plugins, and its methods with theirs. */
export interface ShortPath {
  readonly plugins?: readonly unknown[]
  readonly methods?: Readonly<Record<string, object>>
}

/** Calls the management API; throws with the answer where it is not a success. */
export async function call(turnpike: Turnpike, method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await turnpike.api(method, path, body)
  if (answer.status < 300) return answer.body
  throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}

/**
 * Makes a service of a design and deploys it as `NAME.localhost`; `stage` is what its stage has beside the name, `policies` are
 * those that attachments name.
 */
export async function deployDesign(
  turnpike: Turnpike,
  name: string,
  paths: Readonly<Record<string, ShortPath>>,
  stage: object = {},
  policies: readonly object[] = [],
): Promise<void> {
  await call(turnpike, 'POST', '/services', { name })
  for (const policy of policies) await call(turnpike, 'POST', `/services/${name}/policies`, policy)
  for (const [path, { plugins = [], methods = { GET: {} } }] of Object.entries(paths)) {
    const id = await resourceAt(turnpike, name, path)
    if (plugins.length > 0) await call(turnpike, 'PATCH', `/services/${name}/resources/${id}`, { plugins })
    for (const [verb, method] of Object.entries(methods))
      await call(turnpike, 'POST', `/services/${name}/resources/${id}/methods`, { verb, ...method })
  }
  await call(turnpike, 'POST', `/services/${name}/stages`, { name: 'live', isDefault: true, ...stage })
  await call(turnpike, 'POST', `/services/${name}/stages/live/deployments`, {})
}

async function resourceAt(turnpike: Turnpike, service: string, path: string): Promise<string> {
  const tree = await call(turnpike, 'GET', `/services/${service}/resources?limit=1000`)
  const found = (tree.items as unknown as { id: string; path: string }[]).find((resource) => resource.path === path)
  return found?.id ?? String((await call(turnpike, 'POST', `/services/${service}/resources`, { path })).id)
}
