import { type Client, createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { table } from './table.ts'
import { findTarget } from './target.ts'

/** `turnpike plans …`: usage plans, and the stages that they are connected to. */

interface Plan {
  readonly name: string
  readonly description: string
  readonly requestsPerSecond: number | null
  readonly burst: number | null
  readonly quota: { readonly requests: number; readonly per: string } | null
}

/** What a plan allows, as the command line has it: `none` takes it away. */
interface PlanOptions extends GlobalOptions {
  readonly rate?: string
  readonly burst?: string
  readonly quota?: string
  readonly description?: string
  readonly name?: string
}

const planPath = (name: string) => `/plans/${encodeURIComponent(name)}`

/** `turnpike plans list`. */
export async function listPlans(options: GlobalOptions): Promise<void> {
  const { items } = (await createClient(options).call('GET', '/plans')) as { items: Plan[] }
  const rows = items.map((plan) => [plan.name, ...allowance(plan), plan.description])
  const text =
    rows.length === 0
      ? 'There are no usage plans: make one with "turnpike plans create".'
      : table(['NAME', 'RATE', 'QUOTA', 'DESCRIPTION'], rows)
  print(options, items, text)
}

/** `turnpike plans show`: the plan, and the stages that it is connected to. */
export async function showPlan(name: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const plan = (await client.call('GET', planPath(name))) as Plan
  const { items: stages } = (await client.call('GET', `${planPath(name)}/stages`)) as {
    items: { service: string; stage: string; subscriptions: number }[]
  }
  const [rate, quota] = allowance(plan)
  const rows = stages.map(({ service, stage, subscriptions }) => [`${service}/${stage}`, subscriptions])
  const lines = [
    `Name         ${plan.name}`,
    `Description  ${plan.description === '' ? '-' : plan.description}`,
    `Rate         ${rate}`,
    `Quota        ${quota}`,
    '',
    rows.length === 0
      ? `It is connected to no stage: run "turnpike plans connect ${plan.name} SERVICE/STAGE".`
      : table(['STAGE', 'KEYS'], rows),
  ]
  print(options, { plan, stages }, lines.join('\n'))
}

/** `turnpike plans create`. */
export async function createPlan(name: string, options: PlanOptions): Promise<void> {
  const plan = (await createClient(options).call('POST', '/plans', { name, ...fieldsOf(options) })) as Plan
  print(options, plan, `Plan "${name}" is made: ${allowance(plan).join(', ')}.`)
}

/** `turnpike plans update`: it holds at once. */
export async function updatePlan(current: string, options: PlanOptions): Promise<void> {
  const changes = { ...fieldsOf(options), ...(options.name !== undefined && { name: options.name }) }
  if (Object.keys(changes).length === 0)
    throw new Failure('There is nothing to change: see "turnpike plans update --help".', { exitCode: 2, code: 'usage' })
  const plan = (await createClient(options).call('PATCH', planPath(current), changes)) as Plan
  print(options, plan, `Plan "${plan.name}" is changed: ${allowance(plan).join(', ')}.`)
}

/** `turnpike plans delete`. */
export async function deletePlan(name: string, options: GlobalOptions): Promise<void> {
  await createClient(options).call('DELETE', planPath(name))
  print(options, { deleted: name }, `Plan "${name}" is deleted.`)
}

/** `turnpike plans connect`. */
export async function connectPlan(name: string, target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await connectionOf(client, name, target)
  const result = await client.call('PUT', path)
  print(options, result, `Keys can be subscribed to ${label} through plan "${name}".`)
}

/** `turnpike plans disconnect`. */
export async function disconnectPlan(name: string, target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await connectionOf(client, name, target)
  await client.call('DELETE', path)
  print(options, { disconnected: label }, `Plan "${name}" is not connected to ${label} any more.`)
}

async function connectionOf(client: Client, name: string, target: string) {
  const { label } = await findTarget(client, target)
  const [service = '', stage = ''] = label.split('/')
  const path = `${planPath(name)}/stages/${encodeURIComponent(service)}/${encodeURIComponent(stage)}`
  return { label, path }
}

function fieldsOf({ rate, burst, quota, description }: PlanOptions): object {
  return {
    ...(rate !== undefined && { requestsPerSecond: numberOrNone('--rate', rate) }),
    ...(burst !== undefined && { burst: numberOrNone('--burst', burst) }),
    ...(quota !== undefined && { quota: readQuota(quota) }),
    ...(description !== undefined && { description }),
  }
}

function numberOrNone(option: string, given: string): number | null {
  if (given === 'none') return null
  if (/^\d{1,10}$/.test(given)) return Number(given)
  throw new Failure(`"${given}" is not a number for ${option}: write 50, or none.`, { exitCode: 2, code: 'usage' })
}

function readQuota(given: string): { requests: number; per: string } | null {
  if (given === 'none') return null
  const [, requests, per] = /^(\d{1,10})\/(day|month)$/.exec(given) ?? []
  if (requests !== undefined && per !== undefined) return { requests: Number(requests), per }
  throw new Failure(`"${given}" is not a quota: write 10000/day, 10000/month, or none.`, { exitCode: 2, code: 'usage' })
}

/** Words for what a plan allows: its rate and its quota. */
function allowance({ requestsPerSecond, burst, quota }: Plan): [rate: string, quota: string] {
  return [
    requestsPerSecond === null ? 'no limit' : `${requestsPerSecond}/s, burst ${burst ?? requestsPerSecond}`,
    quota === null ? 'no quota' : `${quota.requests} per ${quota.per}`,
  ]
}
