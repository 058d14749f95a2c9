import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

interface ImportOptions extends GlobalOptions {
  readonly service: string
  readonly stage?: string
  readonly backend?: string
  readonly deploy: boolean
  readonly mode: 'merge' | 'replace'
  readonly note: string
  readonly dryRun: boolean
  readonly ifVersion?: string
}

/** What the API answers, as far as it is shown. */
interface ImportAnswer {
  readonly service: { readonly id: string; readonly name: string }
  readonly stage: { readonly name: string; readonly backend: object | null } | null
  readonly plan: Readonly<Record<(typeof COUNTS)[number][0], number>>
  readonly changes: readonly {
    readonly action: string
    readonly kind: string
    readonly name: string
    readonly fields: readonly string[]
  }[]
  readonly notes: readonly {
    readonly what: string
    readonly count: number
    readonly line: number | null
    readonly why: string
    readonly remedy: string
  }[]
  readonly deployment: { readonly number: number; readonly hash: string } | null
  readonly hosts: readonly string[]
  readonly baseVersion: number
}

/** What is counted, in the order in which it is told. */
const COUNTS = [
  ['createdMethods', 'methods created'],
  ['updatedMethods', 'methods changed'],
  ['removedMethods', 'methods removed'],
  ['unchangedMethods', 'methods unchanged'],
  ['createdResources', 'paths created'],
  ['updatedResources', 'paths changed'],
  ['removedResources', 'paths removed'],
  ['createdModels', 'models created'],
  ['updatedModels', 'models changed'],
  ['removedModels', 'models removed'],
  ['updatedGatewayResponses', 'gateway responses changed'],
] as const
const SIGNS: Readonly<Record<string, string>> = { create: '+', update: '~', remove: '-' }
/** Of what a dry run would do; --json has all of it. */
const MOST_CHANGES = 200

const MAX_BYTES = 16 * 1024 * 1024
const FETCH_TIMEOUT_MS = 10_000

/** `turnpike import`: reads a document and has it imported, and deployed if asked. */
export async function importDocument(source: string, options: ImportOptions): Promise<void> {
  const client = createClient(options)
  const document = await readSource(source)
  const { service, stage, backend: backendUrl, deploy, mode, note, dryRun } = options
  const answer = (await client.call('POST', '/imports', {
    service,
    document,
    mode,
    stage,
    backendUrl,
    deploy,
    note,
    dryRun,
    ...(options.ifVersion !== undefined && { version: versionOf(options.ifVersion) }),
  })) as ImportAnswer
  const path = answer.deployment === null ? null : await pathToTry(client, answer.service.id)
  print(options, answer, summary(answer, options, client.gatewayUrl, path))
}

function versionOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Failure('--if-version is the number that a dry run has said.', { code: 'invalid' })
}

/** The text of a file, a URL, or standard input. */
async function readSource(source: string): Promise<string> {
  if (source === '-') return readStream(process.stdin)
  if (/^https?:\/\//i.test(source)) return fetchDocument(source)
  try {
    return await readFile(source, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new Failure(`${source} cannot be read: ${reason}. Give a file, a URL, or - for standard input.`, {
      code: 'unreadable',
    })
  }
}

async function fetchDocument(url: string): Promise<string> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      headers: { accept: 'application/json, application/yaml, */*' },
    })
    text = response.ok ? await bounded(response, url) : ''
  } catch (error) {
    if (error instanceof Failure) throw error
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new Failure(`${url} cannot be fetched (${reason}): check the address.`, { code: 'unreadable' })
  }
  if (!response.ok) throw new Failure(`${url} answered ${response.status}: check the address.`, { code: 'unreadable' })
  return text
}

async function bounded(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Failure(`${url} is larger than ${MAX_BYTES} bytes.`, { code: 'too-large' })
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A path that can be called as it is: the first GET without variables. */
async function pathToTry(
  client: { call(method: string, path: string): Promise<unknown> },
  serviceId: string,
): Promise<string | null> {
  const { items } = (await client.call('GET', `/services/${serviceId}/resources`)) as {
    items: { path: string; methods: { verb: string }[] }[]
  }
  return (
    items.find(({ path, methods }) => !path.includes('{') && methods.some(({ verb }) => verb === 'GET'))?.path ?? null
  )
}

function summary(
  { service, stage, plan, changes, notes, deployment, hosts, baseVersion }: ImportAnswer,
  { dryRun }: ImportOptions,
  gatewayUrl: string | null,
  path: string | null,
): string {
  const counts = COUNTS.flatMap(([field, what]) => (plan[field] === 0 ? [] : `${plan[field]} ${what}`))
  const lines = [
    `${dryRun ? 'Would import' : 'Imported'} into ${service.name}: ${counts.join(', ') || 'nothing to change'}.`,
    ...(dryRun ? changeLines(changes) : []),
    ...noteLines(notes),
    ...(dryRun ? [`To do exactly this: the same without --dry-run, with --if-version ${baseVersion}.`] : []),
  ]
  if (stage !== null && stage.backend === null)
    lines.push(`Stage ${stage.name} has no backend yet: give it one with --backend URL.`)
  if (deployment !== null) {
    lines.push(
      `Deployed ${service.name}/${stage?.name} as #${deployment.number} (${deployment.hash.slice(0, 12)}), served as ${hosts.join(' and ')}.`,
    )
    if (gatewayUrl !== null) lines.push('', `  curl -H 'Host: ${hosts[0]}' ${gatewayUrl}${path ?? '/...'}`)
  }
  return lines.join('\n')
}

function changeLines(changes: ImportAnswer['changes']): string[] {
  const told = changes.slice(0, MOST_CHANGES).map(({ action, kind, name, fields }) => {
    const changed = fields.length === 0 ? '' : ` (${fields.join(', ')})`
    return `  ${SIGNS[action] ?? action} ${kind} ${name}${changed}`
  })
  const rest = changes.length - told.length
  return rest > 0 ? [...told, `  … and ${rest} more: --json shows all.`] : told
}

function noteLines(notes: ImportAnswer['notes']): string[] {
  if (notes.length === 0) return []
  return [
    'Not carried over, or changed:',
    ...notes.flatMap(({ what, count, line, why, remedy }) => {
      const where = [...(line === null ? [] : [`line ${line}`]), ...(count === 1 ? [] : [`${count} times`])].join(', ')
      return [
        `  ${what}${where === '' ? '' : ` (${where})`}: ${why}.`,
        `    ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
      ]
    }),
  ]
}
