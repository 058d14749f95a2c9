import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { deploymentNumber, findTarget } from './target.ts'

/** A difference, as the API tells it. */
interface Change {
  readonly text: string
}

export interface PendingChanges {
  readonly draft: readonly Change[]
  readonly live: readonly Change[] | null
}

/** `turnpike diff`: what is different between draft, stage and live; or between two deployments. */
export async function diff(
  target: string,
  from: string | undefined,
  to: string | undefined,
  options: GlobalOptions,
): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  if (from === undefined) {
    const changes = (await client.call('GET', `${path}/changes`)) as PendingChanges
    return print(options, changes, pending(label, changes))
  }
  if (to === undefined)
    throw new Failure(
      `One deployment has nothing to be compared with: name two, such as "turnpike diff ${label} 1 2".`,
      {
        exitCode: 2,
        code: 'usage',
      },
    )
  const query = `from=${deploymentNumber(from)}&to=${deploymentNumber(to)}`
  const { items } = (await client.call('GET', `${path}/deployments/compare?${query}`)) as { items: Change[] }
  print(options, items, section(`From #${deploymentNumber(from)} to #${deploymentNumber(to)} of ${label}`, items))
}

function pending(label: string, { draft, live }: PendingChanges): string {
  const parts = [
    section(`Applying the draft to ${label}`, draft),
    live === null ? `Nothing of ${label} is live yet.` : section(`Deploying ${label}`, live),
  ]
  return parts.join('\n\n')
}

function section(title: string, changes: readonly Change[]): string {
  if (changes.length === 0) return `${title} changes nothing.`
  return [`${title}:`, ...changes.map(({ text }) => `  ${text}`)].join('\n')
}
