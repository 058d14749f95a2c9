import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { table } from './table.ts'
import { deploymentNumber, findTarget } from './target.ts'

/** `turnpike canary …`: a deployment that serves a share of a stage's callers. */

interface Canary {
  readonly deployment: number
  readonly share: number
  readonly by: string
  readonly name: string | null
  readonly startedAt: string
}

interface Side {
  readonly calls: number
  readonly clientErrors: number
  readonly serverErrors: number
  readonly aborted: number
  readonly totalMs: number
}

/** Options of `turnpike canary start`. */
export interface CanaryStartOptions extends GlobalOptions {
  readonly share: string
  readonly by: string
  readonly deployment?: string
  readonly note: string
  readonly apply: boolean
}

/** `turnpike canary start`. */
export async function startCanary(target: string, options: CanaryStartOptions): Promise<void> {
  const { share, by, deployment, note, apply } = options
  const body = {
    share: percent(share),
    ...callerBy(by),
    deployment: deployment === undefined ? null : deploymentNumber(deployment),
    note,
    apply,
  }
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const canary = (await client.call('POST', `${path}/canary`, body)) as Canary
  print(options, canary, `Deployment #${canary.deployment} serves ${canary.share} % of the callers of ${label}.`)
}

/** `turnpike canary set`. */
export async function setCanary(target: string, share: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const canary = (await client.call('PATCH', `${path}/canary`, { share: percent(share) })) as Canary
  print(options, canary, `Deployment #${canary.deployment} serves ${canary.share} % of the callers of ${label}.`)
}

/** `turnpike canary show`: what both sides have done. */
export async function showCanary(target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const canary = (await client.call('GET', `${path}/canary`)) as Canary & {
    sides: { live: Side; canary: Side } | null
  }
  const { deployment, share, by, name, startedAt, sides } = canary
  const lines = [
    `Deployment #${deployment} serves ${share} % of the callers of ${label}, by ${name === null ? 'client address' : `${by} ${name}`}, since ${startedAt}.`,
    ...(sides === null
      ? []
      : [
          '',
          table(
            ['SIDE', 'CALLS', '4XX', '5XX', 'ABORTED', 'AVERAGE'],
            [row('live', sides.live), row(`#${deployment}`, sides.canary)],
          ),
        ]),
  ]
  print(options, canary, lines.join('\n'))
}

/** `turnpike canary promote`. */
export async function promoteCanary(target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const deployment = (await client.call('POST', `${path}/canary/promote`)) as { number: number }
  print(options, deployment, `${label} runs #${deployment.number}, for all callers.`)
}

/** `turnpike canary abort`. */
export async function abortCanary(target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  await client.call('DELETE', `${path}/canary`)
  print(options, { aborted: true }, `All callers of ${label} are served by what is live.`)
}

function row(name: string, { calls, clientErrors, serverErrors, aborted, totalMs }: Side): (string | number)[] {
  const average = calls === 0 ? '-' : `${(totalMs / calls).toFixed(1)} ms`
  return [name, calls, clientErrors, serverErrors, aborted, average]
}

function percent(given: string): number {
  if (/^(?:100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)%?$/.test(given)) return Number(given.replace('%', ''))
  throw new Failure(`"${given}" is not a share: write a percentage from 0 to 100, such as 5 or 0.5.`, {
    exitCode: 2,
    code: 'usage',
  })
}

function callerBy(given: string): { by: string; name: string | null } {
  const [by = '', name = null] = given.split(':', 2)
  if ((by === 'client-ip' && name === null) || ((by === 'header' || by === 'cookie') && name !== null))
    return { by, name }
  throw new Failure(`"${given}" is not what callers can be told by: write client-ip, header:NAME or cookie:NAME.`, {
    exitCode: 2,
    code: 'usage',
  })
}
