import { createClient, type GlobalOptions } from './client.ts'
import { print } from './output.ts'
import { deploymentNumber, findTarget } from './target.ts'

/** `turnpike rollback`: makes a deployment of the past live again. */
export async function rollBack(target: string, number: string, options: GlobalOptions): Promise<void> {
  const client = createClient(options)
  const { label, path } = await findTarget(client, target)
  const deployment = (await client.call('POST', `${path}/deployments/${deploymentNumber(number)}/roll-back`)) as {
    number: number
    hash: string
  }
  print(options, deployment, `${label} runs #${deployment.number} (${deployment.hash.slice(0, 12)}) again.`)
}
