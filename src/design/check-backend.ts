import { isForbiddenHost } from '../lib/forbidden-address.ts'
import type { Vault } from '../lib/vault.ts'
import { Backend } from '../model/backend.ts'
import type { MethodBackend } from '../model/method.ts'
import { mock } from '../plugins/mock.ts'
import type { Problem } from '../plugins/plugin.ts'
import { protect } from '../plugins/secret.ts'
import { checkTemplate } from '../plugins/variables.ts'
import { checkBackendSettings } from './check-backend-settings.ts'

/** Everything wrong with the URL of a target; `pointer` is where it stands. */
export function checkBackendUrl(url: string, pointer: string): Problem[] {
  const problem = (message: string) => [{ path: pointer, message }]
  if (url.startsWith('unix:')) return []
  const parsed = URL.parse(url)
  if (parsed === null)
    return problem(`"${url}" is not a URL: write http://HOST:PORT or https://HOST, with a base path if there is one.`)
  if (parsed.username !== '' || parsed.password !== '')
    return problem('A backend URL has no user name and no password: use a header for credentials.')
  return isForbiddenHost(parsed.hostname)
    ? problem(`${parsed.hostname} is a link-local or metadata address, which no backend may have.`)
    : []
}

/**
 * A stage's or node's backend with its secrets protected, and everything wrong with it; `pointer` is where it stands. Without a
 * vault they are protected already.
 */
export function checkBackend(
  backend: Backend,
  pointer: string,
  vault: Vault | null,
): { backend: Backend; problems: Problem[] } {
  const problems = [...checkTargets(backend, pointer), ...checkBackendSettings(backend, pointer, vault)]
  if (vault === null || problems.length > 0) return { backend, problems }
  const kept = protect(backend, Backend, vault)
  return {
    backend: kept.config,
    problems: kept.problems.map(({ path, message }) => ({ path: pointer + path, message })),
  }
}

function checkTargets({ targets }: Backend, pointer: string): Problem[] {
  const urls = targets.map(({ url }) => url)
  return [
    ...targets.flatMap(({ url }, i) => checkBackendUrl(url, `${pointer}/targets/${i}/url`)),
    ...urls.flatMap((url, i) =>
      urls.indexOf(url) === i
        ? []
        : [{ path: `${pointer}/targets/${i}/url`, message: `${url} is a target already: give that one more weight.` }],
    ),
    ...(targets.every(({ weight }) => weight === 0)
      ? [{ path: `${pointer}/targets`, message: 'All weights are 0: at least one target needs a weight above.' }]
      : []),
  ]
}

/** Everything wrong with a method's backend, at a path with these variables. */
export function checkMethodBackend(
  backend: MethodBackend,
  pathVariables: readonly string[],
  pointer: string,
): Problem[] {
  if (backend.kind === 'http')
    return backend.path === undefined ? [] : checkTemplate(backend.path, `${pointer}/path`, pathVariables)
  const { kind, ...config } = backend
  return (mock.check?.(config, { pathVariables }) ?? []).map(({ path, message }) => ({ path: pointer + path, message }))
}
