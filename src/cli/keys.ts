import { createWriteStream, readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { type Client, createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { readSecret } from './standard-input.ts'
import { table } from './table.ts'
import { findTarget } from './target.ts'

/** `turnpike keys …`: API keys, what they are subscribed to, and what they have used. */

interface Key {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly active: boolean
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

interface Usage {
  readonly lastUsedAt: string | null
  readonly subscriptions: readonly {
    readonly service: string
    readonly stage: string
    readonly plan: string
    readonly rate: { readonly requestsPerSecond: number; readonly burst: number; readonly remaining: number } | null
    readonly quota: {
      readonly requests: number
      readonly per: string
      readonly used: number
      readonly remaining: number
      readonly resetsAt: string
    } | null
    readonly lastRefusal: { readonly at: string; readonly reason: string } | null
  }[]
}

/** Options of `keys create`. */
interface CreateOptions extends GlobalOptions {
  readonly description?: string
  readonly expires?: string
  readonly inactive: boolean
  readonly valueStdin: boolean
}

/** Options of `keys update`. */
interface UpdateOptions extends GlobalOptions {
  readonly name?: string
  readonly description?: string
  readonly expires?: string
  readonly active?: boolean
}

const keyPath = (name: string) => `/keys/${encodeURIComponent(name)}`
const SHOWN_ONCE = 'Shown this once: keep them.'

/** `turnpike keys list`: page by page until so many are there. */
export async function listKeys(
  options: GlobalOptions & { readonly search: string; readonly sort: string; readonly limit: string },
): Promise<void> {
  const client = createClient(options)
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new Failure(`"${options.limit}" is not a number of keys.`, { exitCode: 2, code: 'usage' })
  const keys: Key[] = []
  for (let after: string | null = ''; after !== null && keys.length < limit; ) {
    const { search: q, sort } = options
    const query = new URLSearchParams({ q, sort, after, limit: String(Math.min(1_000, limit - keys.length)) })
    const page = (await client.call('GET', `/keys?${query}`)) as { items: Key[]; next: string | null }
    keys.push(...page.items)
    after = page.next
  }
  const rows = keys.map(({ name, active, expiresAt, lastUsedAt, description }) => [
    name,
    active ? 'active' : 'inactive',
    expiresAt ?? 'never',
    lastUsedAt ?? 'never',
    description,
  ])
  const text =
    rows.length === 0
      ? 'There are no such keys: make one with "turnpike keys create".'
      : table(['NAME', 'STATE', 'EXPIRES', 'LAST USED', 'DESCRIPTION'], rows)
  print(options, keys, text)
}

/** `turnpike keys create`: shows the values, this once. */
export async function createKey(name: string, options: CreateOptions): Promise<void> {
  const { description, expires, inactive, valueStdin } = options
  const created = (await createClient(options).call('POST', '/keys', {
    name,
    active: !inactive,
    ...(description !== undefined && { description }),
    ...(expires !== undefined && { expiresAt: expiry(expires) }),
    ...(valueStdin && { primary: readSecret() }),
  })) as { key: Key; values: { primary: string; secondary: string } }
  const { primary, secondary } = created.values
  print(
    options,
    created,
    [`Key "${name}" is made.`, '', `  Primary    ${primary}`, `  Secondary  ${secondary}`, '', SHOWN_ONCE].join('\n'),
  )
}

/** `turnpike keys show`: the key, and what it is subscribed to. */
export async function showKey(name: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const key = (await client.call('GET', keyPath(name))) as Key
  const usage = (await client.call('GET', `${keyPath(name)}/usage`)) as Usage
  const lines = [
    `Name         ${key.name}`,
    `Description  ${key.description === '' ? '-' : key.description}`,
    `State        ${key.active ? 'active' : 'inactive'}`,
    `Expires      ${key.expiresAt ?? 'never'}`,
    `Last used    ${usage.lastUsedAt ?? 'never'}`,
    '',
    usageText(name, usage),
  ]
  print(options, { key, ...usage }, lines.join('\n'))
}

/** `turnpike keys usage`: what is left, when it begins anew, and why a request was last refused. */
export async function showUsage(name: string, options: GlobalOptions): Promise<void> {
  const usage = (await createClient(options).call('GET', `${keyPath(name)}/usage`)) as Usage
  print(options, usage, usageText(name, usage))
}

/** `turnpike keys update`. */
export async function updateKey(
  current: string,
  { name, description, expires, active, ...options }: UpdateOptions,
): Promise<void> {
  const changes = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(expires !== undefined && { expiresAt: expires === 'never' ? null : expiry(expires) }),
    ...(active !== undefined && { active }),
  }
  if (Object.keys(changes).length === 0)
    throw new Failure('There is nothing to change: see "turnpike keys update --help".', { exitCode: 2, code: 'usage' })
  const key = (await createClient(options).call('PATCH', keyPath(current), changes)) as Key
  const state = key.active ? 'active' : 'inactive'
  print(options, key, `Key "${key.name}" is changed: ${state}, expires ${key.expiresAt ?? 'never'}.`)
}

/** `turnpike keys regenerate`: shows the new value, this once. */
export async function regenerateKey(
  name: string,
  options: GlobalOptions & { readonly which: string; readonly valueStdin: boolean },
): Promise<void> {
  const { which, valueStdin } = options
  const body = { which, ...(valueStdin && { value: readSecret() }) }
  const made = (await createClient(options).call('POST', `${keyPath(name)}/regenerate`, body)) as { value: string }
  print(
    options,
    made,
    [`The ${which} value of key "${name}" is replaced.`, '', `  ${made.value}`, '', 'Shown this once: keep it.'].join(
      '\n',
    ),
  )
}

/** `turnpike keys delete`. */
export async function deleteKey(name: string, options: GlobalOptions): Promise<void> {
  await createClient(options).call('DELETE', keyPath(name))
  print(options, { deleted: name }, `Key "${name}" is deleted.`)
}

/** `turnpike keys subscribe`: also moves to another plan. */
export async function subscribeKey(
  name: string,
  target: string,
  options: GlobalOptions & { readonly plan: string },
): Promise<void> {
  const client = createClient(options)
  const { label, path } = await subscriptionOf(client, name, target)
  const result = await client.call('PUT', path, { plan: options.plan })
  print(options, result, `Key "${name}" may call ${label}, through plan ${options.plan}.`)
}

/** `turnpike keys unsubscribe`. */
export async function unsubscribeKey(name: string, target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await subscriptionOf(client, name, target)
  await client.call('DELETE', path)
  print(options, { unsubscribed: label }, `Key "${name}" may not call ${label} any more.`)
}

/** `turnpike keys import`: all keys of a CSV file, or none. */
export async function importKeys(source: string, options: GlobalOptions & { readonly dryRun: boolean }): Promise<void> {
  const { dryRun } = options
  const csv = readSource(source)
  const { keys } = (await createClient(options).call('POST', '/keys/import', { csv, dryRun })) as {
    keys: { name: string; primary: string | null; secondary: string | null }[]
  }
  const count = keys.length === 1 ? '1 key' : `${keys.length} keys`
  if (dryRun) return print(options, keys, `${count} would be made. Nothing was written.`)
  const made = keys.filter(({ primary, secondary }) => primary !== null || secondary !== null)
  const values = table(
    ['NAME', 'PRIMARY', 'SECONDARY'],
    made.map(({ name, primary, secondary }) => [name, primary ?? '(given)', secondary ?? '(given)']),
  )
  print(options, keys, [`${count} made.`, ...(made.length === 0 ? [] : ['', values, '', SHOWN_ONCE])].join('\n'))
}

/** `turnpike keys export`: all keys as CSV, without their values. */
export async function exportKeys({ output, ...options }: GlobalOptions & { readonly output?: string }): Promise<void> {
  const body = await createClient(options).download('/keys/export')
  if (output === undefined) for await (const chunk of body) process.stdout.write(chunk)
  else await body.pipeTo(Writable.toWeb(createWriteStream(output)))
}

async function subscriptionOf(client: Client, name: string, target: string) {
  const { label } = await findTarget(client, target)
  const [service = '', stage = ''] = label.split('/')
  const path = `${keyPath(name)}/subscriptions/${encodeURIComponent(service)}/${encodeURIComponent(stage)}`
  return { label, path }
}

function usageText(name: string, { subscriptions }: Usage): string {
  if (subscriptions.length === 0) return `Key "${name}" is subscribed to nothing: see "turnpike keys subscribe --help".`
  const rows = subscriptions.map(({ service, stage, plan, rate, quota, lastRefusal }) => [
    `${service}/${stage}`,
    plan,
    rate === null ? 'no limit' : `${rate.requestsPerSecond}/s, burst ${rate.burst}`,
    quota === null ? 'no quota' : `${quota.used} of ${quota.requests} per ${quota.per}`,
    quota === null ? '-' : quota.resetsAt,
    lastRefusal === null ? '-' : `${lastRefusal.reason} (${lastRefusal.at})`,
  ])
  return table(['STAGE', 'PLAN', 'RATE', 'QUOTA', 'RESETS', 'LAST REFUSAL'], rows)
}

/** A time as people write it: a date is its first moment in UTC. */
function expiry(given: string): string {
  const time = new Date(given)
  if (Number.isNaN(time.getTime()))
    throw new Failure(`"${given}" is not a time: write 2030-01-31 or 2030-01-31T12:00:00Z.`, {
      exitCode: 2,
      code: 'usage',
    })
  return time.toISOString()
}

function readSource(source: string): string {
  try {
    return readFileSync(source === '-' ? 0 : source, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure(`${source} cannot be read (${reason}).`, { code: 'unreadable' })
  }
}
