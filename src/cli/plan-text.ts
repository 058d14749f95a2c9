import type { WriteStream } from 'node:tty'

/** A plan as text for people. */

/** What the API answers. */
export interface SetupPlan {
  readonly changes: readonly PlannedChange[]
  readonly deployments: readonly { readonly service: string; readonly stage: string }[]
  readonly fingerprint: string
}

interface PlannedChange {
  readonly action: 'create' | 'update' | 'delete'
  readonly kind: string
  readonly service: string | null
  readonly name: string
  readonly differences: readonly { readonly node: string; readonly text: string }[]
}

/** Puts a text in a colour, or leaves it. */
export type Paint = (colour: 'green' | 'yellow' | 'red' | 'bold', text: string) => string

const CODES = { bold: 1, red: 31, green: 32, yellow: 33 } as const

/** Colours where a person looks at a terminal and has not said that there shall be none (no-color.org). */
export function paint(stream: Pick<WriteStream, 'isTTY'>, environment = process.env): Paint {
  const hasColours = stream.isTTY === true && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb'
  return (colour, text) => (hasColours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text)
}

const SIGNS = {
  create: { sign: '+', colour: 'green', done: 'to create' },
  update: { sign: '~', colour: 'yellow', done: 'to change' },
  delete: { sign: '-', colour: 'red', done: 'to delete' },
} as const

/** What stands above the changes of things that are of no service; no service has such a name. */
const LABELS: Readonly<Record<string, string>> = {
  plan: 'Usage plans',
  key: 'API keys',
  certificate: 'Certificates',
}

/** The plan: each service with its changes, plans, keys and certificates with theirs, and the counts. */
export function tellPlan({ changes, deployments }: SetupPlan, paint: Paint): string {
  if (changes.length === 0 && deployments.length === 0) return 'Nothing to change.'
  const sections = [...Map.groupBy(changes, titleOf)].flatMap(([title, own]) => [
    paint('bold', title),
    ...own.flatMap((change) => tellChange(change, paint)),
    '',
  ])
  return [...sections, ...tellDeployments(deployments, paint), tellCounts(changes, deployments.length)].join('\n')
}

function titleOf({ service, kind }: PlannedChange): string {
  return service ?? LABELS[kind] ?? kind
}

function tellChange({ action, kind, name, differences }: PlannedChange, paint: Paint): string[] {
  const { sign, colour } = SIGNS[action]
  const line = `  ${paint(colour, sign)} ${kind} ${name}`
  if (action !== 'update') return [line]
  return [line, ...differences.map(({ node, text }) => `      ${withoutNode(text, node)}`)]
}

/** The sentence without the name of what it is about, which stands above it. */
function withoutNode(text: string, node: string): string {
  return text.startsWith(`${node}: `) ? text.slice(node.length + 2) : text
}

function tellDeployments(deployments: SetupPlan['deployments'], paint: Paint): string[] {
  if (deployments.length === 0) return []
  return [
    paint('bold', 'Deployments'),
    ...deployments.map(({ service, stage }) => `  ${paint('green', '>')} ${service}/${stage}`),
    '',
  ]
}

function tellCounts(changes: SetupPlan['changes'], deployments: number): string {
  const counts = Object.entries(SIGNS).map(
    ([action, { done }]) => `${changes.filter((change) => change.action === action).length} ${done}`,
  )
  return `Plan: ${[...counts, ...(deployments === 0 ? [] : [`${deployments} to deploy`])].join(', ')}.`
}
