import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { readSecret } from './standard-input.ts'
import { table } from './table.ts'
import { findTarget } from './target.ts'

/** `turnpike alerts …`: rules of stages, and how they stand. */

interface Alert {
  readonly name: string
  readonly service: string
  readonly stage: string
  readonly kind: string
  readonly threshold: number
  readonly state: string
  readonly since: string
  readonly value: number | null
  readonly webhook: string | null
  readonly isTold: boolean
}

interface SetOptions extends GlobalOptions {
  readonly kind: string
  readonly threshold: string
  readonly window?: string
  readonly for?: string
  readonly minCalls?: string
  readonly webhook?: string
  readonly secretStdin: boolean
  /** False to take it away. */
  readonly secret: boolean
}

/** `turnpike alerts list`. */
export async function listAlerts(target: string | undefined, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const path = target === undefined ? '/alerts' : `${(await findTarget(client, target)).path}/alerts`
  const { items } = (await client.call('GET', path)) as { items: Alert[] }
  const rows = items.map(({ name, service, stage, kind, threshold, state, since, value, webhook, isTold }) => [
    `${service}/${stage}`,
    name,
    state,
    since,
    value === null ? '-' : String(value),
    `${kind} ${kind === 'no-traffic' || kind === 'certificate' ? '<' : '>='} ${threshold}`,
    webhook === null ? '-' : isTold ? 'up to date' : 'not told yet',
  ])
  print(
    options,
    items,
    rows.length === 0
      ? 'There are no alert rules: make one with "turnpike alerts set".'
      : table(['STAGE', 'NAME', 'STATE', 'SINCE', 'VALUE', 'RULE', 'WEBHOOK'], rows),
  )
}

/** `turnpike alerts set`: it holds at once. */
export async function setAlert(target: string, name: string, options: SetOptions): Promise<void> {
  const { secretStdin, secret } = options
  if (secretStdin && !secret)
    throw new Failure('--secret-stdin gives a secret and --no-secret takes it away: use one of them.', {
      exitCode: 2,
      code: 'usage',
    })
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const alert = await client.call('PUT', `${path}/alerts/${encodeURIComponent(name)}`, {
    kind: options.kind,
    threshold: numberOf('--threshold', options.threshold),
    ...(options.window !== undefined && { windowMinutes: numberOf('--window', options.window) }),
    ...(options.for !== undefined && { forMinutes: numberOf('--for', options.for) }),
    ...(options.minCalls !== undefined && { minCalls: numberOf('--min-calls', options.minCalls) }),
    ...(options.webhook !== undefined && { webhook: options.webhook }),
    ...(secretStdin && { secret: readSecret() }),
    ...(!secret && { secret: null }),
  })
  print(options, alert, `Alert "${name}" of ${label} is set.`)
}

/** `turnpike alerts delete`. */
export async function deleteAlert(target: string, name: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  await client.call('DELETE', `${path}/alerts/${encodeURIComponent(name)}`)
  print(options, { deleted: name }, `Alert "${name}" of ${label} is deleted.`)
}

function numberOf(option: string, given: string): number {
  if (/^\d{1,10}(\.\d{1,6})?$/.test(given)) return Number(given)
  throw new Failure(`"${given}" is not a number for ${option}: write 5, or 99.5.`, { exitCode: 2, code: 'usage' })
}
