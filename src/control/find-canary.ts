import type { Canary } from '../model/canary.ts'
import { Conflict, NotFound } from '../model/errors.ts'
import type { Stage } from '../model/stage.ts'
import type { Unit } from '../store/unit.ts'

/** The canary of a stage. Throws `NotFound`. */
export async function findCanary(unit: Unit, service: string, stage: Stage): Promise<Canary> {
  const canary = await unit.canaries.find(stage.id)
  if (canary === null) throw new NotFound('canary', `${service}/${stage.name}`)
  return canary
}

/** Throws `Conflict` while a canary of a stage runs: what is live must not change under it. */
export async function assertNoCanary(unit: Unit, { id, name }: Stage): Promise<void> {
  const canary = await unit.canaries.find(id)
  if (canary !== null)
    throw new Conflict(`Deployment ${canary.deployment} runs as a canary of "${name}": promote or abort it first.`)
}
