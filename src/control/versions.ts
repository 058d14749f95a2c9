import { LostUpdate } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'

/** The version that a caller has seen of what it changes; null if it does not say. */
export type ExpectedVersion = number | null

/** Throws `LostUpdate` if somebody has changed a thing since the caller read it. */
export function assertVersion(current: { readonly version: number }, expected: ExpectedVersion): void {
  if (expected !== null && expected !== current.version) throw new LostUpdate(current.version)
}

/** Counts a change of a service's design. Returns the service as it is now. */
export async function touchService(unit: Unit, service: Service): Promise<Service> {
  const touched = { ...service, version: service.version + 1, updatedAt: new Date().toISOString() }
  await unit.services.update(touched)
  return touched
}
