import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { deploymentNumber, findTarget } from './target.ts'

interface ExplainOptions extends GlobalOptions {
  readonly header: readonly string[]
  readonly body: string
  readonly clientIp: string
  readonly against: string
  readonly call: boolean
}

interface PluginStep {
  readonly plugin: string
  readonly decision: string
  readonly detail: string | null
  readonly durationMs: number
  readonly changes: readonly string[]
  readonly notes: readonly string[]
}

/** What the API answers. */
interface Explanation {
  readonly snapshot: string
  readonly path: string | null
  readonly candidates: readonly { readonly pattern: string; readonly method: string; readonly verdict: string }[]
  readonly variables: Readonly<Record<string, string>>
  readonly requestPlugins: readonly PluginStep[]
  readonly backend: { readonly url: string; readonly head: readonly string[]; readonly body: string } | null
  readonly responsePlugins: readonly PluginStep[]
  readonly answer: {
    readonly by: string
    readonly status: number
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly body: string
  } | null
}

/** `turnpike explain`: shows step by step what a stage does with a request. */
export async function explain(target: string, method: string, path: string, options: ExplainOptions): Promise<void> {
  const client = createClient(options)
  const stage = await findTarget(client, target)
  const { body, clientIp, call } = options
  const explanation = (await client.call('POST', `${stage.path}/explain`, {
    request: { method, target: path, headers: options.header.map(parseHeader), body, clientIp },
    against: ['live', 'stage', 'draft'].includes(options.against) ? options.against : deploymentNumber(options.against),
    call,
  })) as Explanation
  print(options, explanation, tell(`${method} ${path}`, explanation))
}

function parseHeader(given: string): { name: string; value: string } {
  const colon = given.indexOf(':')
  if (colon > 0) return { name: given.slice(0, colon), value: given.slice(colon + 1).trim() }
  throw new Failure(`"${given}" is not a header: write NAME: VALUE.`, { exitCode: 2, code: 'usage' })
}

function tell(
  request: string,
  { snapshot, path, candidates, variables, backend, answer, ...plugins }: Explanation,
): string {
  const values = Object.entries(variables).map(([name, value]) => `${name} = ${value}`)
  return [
    `${request} against snapshot ${snapshot.slice(0, 12)}`,
    ...section('Path', [path ?? 'refused']),
    ...section(
      'Route',
      candidates.length === 0
        ? ['none fits']
        : candidates.map(
            ({ pattern, method, verdict }) => `${verdict === 'matched' ? '→' : ' '} ${method} ${pattern}  (${verdict})`,
          ),
    ),
    ...section('Path variables', values),
    ...section('Request plugins', plugins.requestPlugins.flatMap(tellStep)),
    ...section(
      'Backend',
      backend === null ? [] : [backend.url, ...backend.head.map((line) => `  ${line}`), ...bodyLines(backend.body)],
    ),
    ...section('Response plugins', plugins.responsePlugins.flatMap(tellStep)),
    ...section(
      answer === null ? 'Answer' : `Answer, by the ${answer.by}`,
      answer === null
        ? ['the backend’s; see it with --call']
        : [
            String(answer.status),
            ...answer.headers.map(({ name, value }) => `  ${name}: ${value}`),
            ...bodyLines(answer.body),
          ],
    ),
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function tellStep({ plugin, decision, detail, durationMs, changes, notes }: PluginStep): string[] {
  return [
    `${plugin} ${decision}${detail === null ? '' : `: ${detail}`}  (${durationMs} ms)`,
    ...[...notes, ...changes].map((line) => `  ${line}`),
  ]
}

function bodyLines(body: string): string[] {
  return body === '' ? [] : ['', ...body.split('\n').map((line) => `  ${line}`)]
}
