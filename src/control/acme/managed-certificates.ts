import { Conflict, NotFound } from '../../model/errors.ts'
import { newId } from '../../model/id.ts'
import type { ManagedCertificate } from '../../model/managed-certificate.ts'
import type { Unit } from '../../store/unit.ts'

/** What somebody asks for. */
export type ManagedFields = Pick<ManagedCertificate, 'name' | 'domains'> &
  Partial<Pick<ManagedCertificate, 'challenge'>>

/** Has the program get a certificate, and renew it from then on. Throws `Conflict` where the name is taken. */
export async function requestCertificate(
  unit: Unit,
  { name, domains, challenge = 'http-01' }: ManagedFields,
  directoryUrl: string,
): Promise<ManagedCertificate> {
  const isTaken =
    (await unit.managedCertificates.findByName(name)) !== null || (await unit.certificates.findByName(name)) !== null
  if (isTaken) throw new Conflict(`There is already a certificate "${name}": choose another name.`)
  const now = new Date().toISOString()
  const managed: ManagedCertificate = {
    id: newId(),
    name,
    domains: [...new Set(domains)],
    challenge,
    directoryUrl,
    state: 'pending',
    failures: 0,
    lastError: null,
    nextAttemptAt: now,
    createdAt: now,
  }
  await unit.managedCertificates.insert(managed)
  await unit.audit.record({
    action: 'create',
    kind: 'managed certificate',
    id: managed.id,
    before: null,
    after: managed,
  })
  return managed
}

export async function findManaged(unit: Unit, name: string): Promise<ManagedCertificate> {
  const found = await unit.managedCertificates.findByName(name)
  if (found === null) throw new NotFound('managed certificate', name)
  return found
}

/** Has it tried again now, whenever it would be by itself. */
export async function retryManaged(unit: Unit, name: string): Promise<ManagedCertificate> {
  const managed = { ...(await findManaged(unit, name)), nextAttemptAt: new Date().toISOString() }
  await unit.managedCertificates.update(managed)
  return managed
}

/** Ends it. What it has got stays, as if somebody had uploaded it. */
export async function endManaged(unit: Unit, name: string): Promise<void> {
  const before = await findManaged(unit, name)
  const certificate = await unit.certificates.findByName(name)
  if (certificate?.source === 'acme')
    await unit.certificates.update({
      ...certificate,
      source: 'uploaded',
      version: certificate.version + 1,
      updatedAt: new Date().toISOString(),
    })
  await unit.managedCertificates.delete(before.id)
  await unit.audit.record({ action: 'delete', kind: 'managed certificate', id: before.id, before, after: null })
}
