import type { Client } from './client.ts'
import { Failure } from './failure.ts'

/** SERVICE/STAGE of a command line, found. */
export interface StageTarget {
  /** As people write it. */
  readonly label: string
  /** Path in the API, below `/api/v1`. */
  readonly path: string
}

/** Finds the stage that SERVICE/STAGE names; SERVICE alone means its default stage. Throws `Failure`. */
export async function findTarget(client: Client, target: string): Promise<StageTarget> {
  const [service = '', stage, ...rest] = target.split('/')
  if (service === '' || stage === '' || rest.length > 0)
    throw new Failure(`"${target}" is not SERVICE/STAGE: write pets/production, or pets for its default stage.`, {
      exitCode: 2,
      code: 'usage',
    })
  const name = stage ?? (await defaultStage(client, service))
  return {
    label: `${service}/${name}`,
    path: `/services/${encodeURIComponent(service)}/stages/${encodeURIComponent(name)}`,
  }
}

async function defaultStage(client: Client, service: string): Promise<string> {
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

/** The number of a deployment on a command line. Throws `Failure`. */
export function deploymentNumber(given: string): number {
  if (/^#?[1-9]\d{0,8}$/.test(given)) return Number(given.replace('#', ''))
  throw new Failure(`"${given}" is not the number of a deployment: see "turnpike history".`, {
    exitCode: 2,
    code: 'usage',
  })
}
