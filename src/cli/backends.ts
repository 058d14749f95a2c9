import { createClient, type GlobalOptions } from './client.ts'
import { print } from './output.ts'
import { table } from './table.ts'
import { findTarget } from './target.ts'

interface TargetState {
  readonly url: string
  readonly weight: number
  readonly state: string
  readonly reason: string | null
  readonly since: number | null
  readonly ejectedUntil: number | null
  readonly lastCheck: { readonly at: number; readonly result: string } | null
  readonly connections: number
  readonly underWay: number
  readonly waiting: number
  readonly requests: number
  readonly failures: number
}

/** What the API answers. */
interface BackendsAnswer {
  readonly nodes: readonly {
    readonly name: string
    readonly backends: readonly { readonly name: string; readonly targets: readonly TargetState[] }[]
  }[]
}

/** `turnpike backends`: how the targets of a stage are. */
export async function backends(target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const stage = await findTarget(client, target)
  const answer = (await client.call('GET', `${stage.path}/backends`)) as BackendsAnswer
  const sections = answer.nodes.flatMap(({ name, backends: all }) => [
    `Node ${name}`,
    '',
    ...(all.length === 0
      ? [`${stage.label} has no backend that is live: deploy it with "turnpike deploy ${stage.label}".`]
      : all.flatMap((backend) => [`Backend ${backend.name}`, '', ...tellTargets(backend.targets), ''])),
  ])
  print(options, answer, sections.join('\n').trimEnd())
}

function tellTargets(targets: readonly TargetState[]): string[] {
  const rows = targets.map((one) => [
    one.url,
    one.weight,
    one.state,
    one.connections,
    one.underWay,
    one.waiting,
    one.requests,
    one.failures,
  ])
  return [
    table(['TARGET', 'WEIGHT', 'STATE', 'CONNECTIONS', 'UNDER WAY', 'WAITING', 'REQUESTS', 'FAILURES'], rows),
    ...targets.flatMap(notesOf),
  ]
}

/** What does not fit into a row. */
function notesOf({ url, state, reason, since, ejectedUntil, lastCheck }: TargetState): string[] {
  const left = state === 'ejected' || state === 'unhealthy'
  return [
    ...(left ? [`${url} is left out since ${date(since)}: ${reason ?? 'for no reason that is known'}.`] : []),
    ...(!left && since !== null ? [`${url} is back since ${date(since)}; before that, ${reason ?? 'unknown'}.`] : []),
    ...(ejectedUntil === null ? [] : [`${url} is tried again from ${date(ejectedUntil)} on.`]),
    ...(lastCheck === null ? [] : [`${url} was checked last at ${date(lastCheck.at)}: ${lastCheck.result}.`]),
  ]
}

function date(ms: number | null): string {
  return ms === null ? 'an unknown time' : new Date(ms).toISOString()
}
