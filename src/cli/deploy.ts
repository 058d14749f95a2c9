import { createClient, type GlobalOptions } from './client.ts'
import type { PendingChanges } from './diff.ts'
import { print } from './output.ts'
import { findTarget } from './target.ts'

/** `turnpike deploy`: makes a stage live as it is, or with the draft applied first. */
export async function deploy(target: string, options: GlobalOptions & { note: string; apply: boolean }): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const { note, apply } = options
  const deployment = (await client.call('POST', `${path}/deployments`, { note, apply })) as {
    number: number
    hash: string
  }
  const { draft } = (await client.call('GET', `${path}/changes`)) as PendingChanges
  const done = `Deployed ${label} as #${deployment.number} (${deployment.hash.slice(0, 12)}).`
  const hint = `The draft has ${draft.length === 1 ? 'a change that is' : `${draft.length} changes that are`} not applied: see "turnpike diff ${label}", and deploy with --apply to take ${draft.length === 1 ? 'it' : 'them'} along.`
  print(options, deployment, draft.length === 0 ? done : `${done}\n${hint}`)
}
