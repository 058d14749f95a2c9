import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

/** `turnpike deploy`: makes a stage live as it is. */
export async function deploy(target: string, options: GlobalOptions & { note: string }): Promise<void> {
  const [service = '', stage, ...rest] = target.split('/')
  if (service === '' || stage === '' || rest.length > 0)
    throw new Failure(`"${target}" is not SERVICE/STAGE: write pets/production, or pets for its default stage.`, {
      exitCode: 2,
      code: 'usage',
    })
  const client = createClient(options)
  const name = stage ?? (await defaultStage(client, service))
  const path = `/services/${encodeURIComponent(service)}/stages/${encodeURIComponent(name)}/deployments`
  const deployment = (await client.call('POST', path, { note: options.note })) as { number: number; hash: string }
  print(options, deployment, `Deployed ${service}/${name} as #${deployment.number} (${deployment.hash.slice(0, 12)}).`)
}

async function defaultStage(
  client: { call(method: string, path: string): Promise<unknown> },
  service: string,
): Promise<string> {
  const { items } = (await client.call('GET', `/services/${encodeURIComponent(service)}/stages`)) as {
    items: { name: string; isDefault: boolean }[]
  }
  const found = items.find(({ isDefault }) => isDefault)
  if (found !== undefined) return found.name
  const names = items.map(({ name }) => `${service}/${name}`).join(', ')
  throw new Failure(
    `"${service}" has no default stage: ${names === '' ? 'it has no stage at all; make one with "turnpike import … --stage NAME"' : `name one of ${names}`}.`,
    { code: 'not-found' },
  )
}
