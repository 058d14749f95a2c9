import { createClient, type GlobalOptions } from './client.ts'
import { print } from './output.ts'
import { table } from './table.ts'
import { findTarget } from './target.ts'

interface Deployment {
  readonly id: string
  readonly number: number
  readonly status: string
  readonly hash: string
  readonly author: string
  readonly createdAt: string
  readonly note: string
}

/** `turnpike history`: the deployments of a stage, the newest first. */
export async function history(target: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const { deploymentId } = (await client.call('GET', path)) as { deploymentId: string | null }
  const { items } = (await client.call('GET', `${path}/deployments`)) as { items: Deployment[] }
  const rows = items.map(({ id, number, status, hash, author, createdAt, note }) => [
    `#${number}`,
    id === deploymentId ? 'live' : status,
    hash.slice(0, 12),
    createdAt,
    author,
    note,
  ])
  const text =
    rows.length === 0
      ? `${label} has never been deployed: run "turnpike deploy ${label}".`
      : table(['NUMBER', 'STATUS', 'SNAPSHOT', 'CREATED', 'AUTHOR', 'NOTE'], rows)
  print(options, items, text)
}
