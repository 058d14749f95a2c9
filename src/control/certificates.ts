import { chainFacts, readChain } from '../lib/certificate-chain.ts'
import { NameTable } from '../lib/name-table.ts'
import { byPreference, type Certificate, type StoredCertificate } from '../model/certificate.ts'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Unit } from '../store/unit.ts'
import type { GatewayStatus } from './publisher.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What somebody says of a certificate. The key is in clear: it goes no further than here. */
export interface CertificateFields {
  readonly name: string
  readonly chain: string
  readonly key: string
  readonly isDefault?: boolean
}

/** A host of a live stage. */
interface LiveHost {
  readonly service: string
  readonly stage: string
  readonly host: string
}

/** The certificate of an id or a name. Throws `NotFound`. */
export async function findCertificate(unit: Unit, idOrName: string): Promise<StoredCertificate> {
  const found = (await unit.certificates.find(idOrName)) ?? (await unit.certificates.findByName(idOrName))
  if (found === null) throw new NotFound('certificate', idOrName)
  return found
}

/** Adds a certificate. Throws `Conflict` where the name is taken, `Invalid` with all that is wrong with chain and key. */
export async function addCertificate(unit: Unit, given: CertificateFields): Promise<StoredCertificate> {
  await assertNameFree(unit, given.name)
  const now = new Date().toISOString()
  const certificate: StoredCertificate = {
    id: newId(),
    name: given.name,
    ...checkedPair(unit, given),
    isDefault: given.isDefault ?? false,
    source: 'uploaded',
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await unit.certificates.insert(certificate)
  await unit.audit.record({
    action: 'create',
    kind: 'certificate',
    id: certificate.id,
    before: null,
    after: withFacts(certificate),
  })
  return certificate
}

/** Changes a certificate: chain and key together, or what else is said of it. */
export async function updateCertificate(
  unit: Unit,
  idOrName: string,
  { chain, key, ...changes }: Partial<CertificateFields>,
  expected: ExpectedVersion,
): Promise<StoredCertificate> {
  const before = await findCertificate(unit, idOrName)
  assertVersion(before, expected)
  if (changes.name !== undefined && changes.name !== before.name) await assertNameFree(unit, changes.name)
  if (key !== undefined && chain === undefined)
    throw new Invalid('A key comes with its chain.', [
      { path: '/chain', message: 'It is missing: give the chain that belongs to the key as well.' },
    ])
  // The same key may have got a new certificate: then the chain alone is enough.
  const pair = chain === undefined ? {} : checkedPair(unit, { chain, key: key ?? unit.vault.open(before.sealedKey) })
  const after: StoredCertificate = {
    ...before,
    ...changes,
    ...pair,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  await unit.certificates.update(after)
  await unit.audit.record({
    action: 'update',
    kind: 'certificate',
    id: before.id,
    before: withFacts(before),
    after: withFacts(after),
  })
  return after
}

/** Deletes a certificate. Throws `Conflict` where a live stage would be left without one for its name. */
export async function deleteCertificate(
  unit: Unit,
  idOrName: string,
  expected: ExpectedVersion,
  { status, baseDomain }: { status: Pick<GatewayStatus, 'snapshots'>; baseDomain: string },
): Promise<StoredCertificate> {
  const before = await findCertificate(unit, idOrName)
  assertVersion(before, expected)
  if (before.source === 'acme')
    throw new Conflict(
      `The certificate "${before.name}" is got and renewed by the program: end that first, with "turnpike certificates release ${before.name}".`,
    )
  const others = namesOf((await unit.certificates.list()).filter(({ id }) => id !== before.id))
  const bare = hostsOf(before, liveHosts(status)).filter(
    ({ host }) => others.find(host) === undefined && !host.endsWith(`.${baseDomain}`),
  )
  if (bare.length > 0) {
    const where = bare.map(({ host, service, stage }) => `${host} (${service}/${stage})`)
    throw new Conflict(
      `The certificate "${before.name}" is the only one for ${where.join(', ')}: replace it, or deploy those stages without the domains first.`,
    )
  }
  await unit.certificates.delete(before.id)
  await unit.audit.record({
    action: 'delete',
    kind: 'certificate',
    id: before.id,
    before: withFacts(before),
    after: null,
  })
  return before
}

/** A certificate as it is told: what it says, never its key. */
export function withFacts({ sealedKey: _, ...certificate }: StoredCertificate): Certificate {
  const { length: __, isSelfSigned: ___, ...facts } = chainFacts(certificate.chain)
  return { ...certificate, ...facts, names: [...facts.names], addresses: [...facts.addresses] }
}

/** When the first of the certificates that are shown for these hosts expires, in milliseconds since the Unix epoch; null where none is. */
export function firstExpiry(certificates: readonly StoredCertificate[], hosts: readonly string[]): number | null {
  const table = namesOf(certificates)
  const shown = new Set(hosts.flatMap((host) => table.find(host) ?? []))
  const ends = [...shown].map(({ chain }) => Date.parse(chainFacts(chain).notAfter))
  return ends.length === 0 ? null : Math.min(...ends)
}

/** The hosts of live stages that get this certificate, among all that there are. */
export function usersOf(
  { id }: StoredCertificate,
  all: readonly StoredCertificate[],
  status: Pick<GatewayStatus, 'snapshots'>,
): LiveHost[] {
  const table = namesOf(all)
  return liveHosts(status).filter(({ host }) => table.find(host)?.id === id)
}

/** The sealed pair of a chain and its key. Throws `Invalid`. */
export function checkedPair(
  { vault }: Pick<Unit, 'vault'>,
  { chain, key }: Pick<CertificateFields, 'chain' | 'key'>,
): Pick<StoredCertificate, 'chain' | 'sealedKey'> {
  const read = readChain(chain, key, Date.now())
  if (read.chain === null || read.problems.length > 0)
    throw new Invalid(
      read.problems[0]?.message ?? 'The certificate is not valid.',
      read.problems.map((problem) => ({ path: `/${problem.in}`, message: problem.message })),
    )
  return { chain: read.chain.pem, sealedKey: vault.seal(key) }
}

async function assertNameFree(unit: Unit, name: string): Promise<void> {
  const isTaken =
    (await unit.certificates.findByName(name)) !== null || (await unit.managedCertificates.findByName(name)) !== null
  if (isTaken) throw new Conflict(`There is already a certificate "${name}": choose another name, or replace that one.`)
}

function namesOf(certificates: readonly StoredCertificate[]): NameTable<StoredCertificate> {
  const sorted = certificates
    .map((certificate) => ({ certificate, facts: chainFacts(certificate.chain) }))
    .sort((a, b) => byPreference(a.facts, b.facts))
  return new NameTable(
    sorted.flatMap(({ certificate, facts }) => facts.names.map((name) => [name, certificate] as const)),
  )
}

function hostsOf(certificate: StoredCertificate, hosts: readonly LiveHost[]): LiveHost[] {
  const own = namesOf([certificate])
  return hosts.filter(({ host }) => own.find(host) !== undefined)
}

function liveHosts({ snapshots }: Pick<GatewayStatus, 'snapshots'>): LiveHost[] {
  return snapshots.flatMap(({ service, stage, hosts }) => hosts.map((host) => ({ service, stage, host })))
}
