import { planCertificateChange, toCertificateFields } from '../../design/declarative/plan-certificate.ts'
import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import type { ReadSetup } from '../../design/declarative/read-setup.ts'
import { pointerTo } from '../../lib/json-pointer.ts'
import { isSealed, NotOurs } from '../../lib/vault.ts'
import type { StoredCertificate } from '../../model/certificate.ts'
import type { CertificateFields, Setup } from '../../model/declarative.ts'
import { Invalid } from '../../model/errors.ts'
import { newId } from '../../model/id.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { Unit } from '../../store/unit.ts'
import { checkedPair, withFacts } from '../certificates.ts'
import type { KindPlan, PlanOptions } from './kind.ts'

/** Certificates in a setup: what a document makes of them, and how a document has them. Those that the program gets by itself are not its matter. */

/** What is to be done to one certificate. */
interface PlannedCertificate {
  readonly before: StoredCertificate | null
  readonly after: StoredCertificate
  readonly change: PlannedChange
}

/** Certificates as a document has them, their keys encrypted. An export of some services has none. */
export async function exportCertificates(
  unit: Unit,
  services: readonly string[] | null,
): Promise<Readonly<Record<string, CertificateFields>> | null> {
  if (services !== null) return null
  return Object.fromEntries((await uploaded(unit)).map((one) => [one.name, toCertificateFields(one)]))
}

/** What a document makes of the certificates. */
export async function planCertificates(
  unit: Unit,
  { setup, isSound }: ReadSetup,
  { prune }: PlanOptions,
): Promise<KindPlan> {
  const named = new Map(certificatesOf(setup))
  const all = await unit.certificates.list()
  const known = new Map(all.map((one) => [one.name, one]))
  const problems: Problem[] = []
  const planned: PlannedCertificate[] = []
  for (const [name, fields] of named) {
    const pointer = pointerTo('certificates', name)
    if (!isSound(pointer)) continue
    const before = known.get(name) ?? null
    const { after, wrong } = readCertificate(unit, name, fields, before)
    problems.push(...wrong.map(({ path, message }) => ({ path: pointer + path, message })))
    const change = after && planCertificateChange({ before, after })
    if (after !== null && change !== null) planned.push({ before, after, change })
  }
  const gone =
    prune && setup.certificates !== undefined ? (await uploaded(unit)).filter(({ name }) => !named.has(name)) : []
  const goneChanges = gone.flatMap((before) => planCertificateChange({ before, after: null }) ?? [])
  return {
    changes: [...planned.map(({ change }) => change), ...goneChanges].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    problems,
    touched: { certificates: [...planned.map(({ after }) => after.id), ...gone.map(({ id }) => id)] },
    async write(unit) {
      for (const { before, after } of planned) await writeCertificate(unit, before, after)
    },
    async remove(unit) {
      for (const before of gone) {
        await unit.certificates.delete(before.id)
        const { id } = before
        await unit.audit.record({ action: 'delete', kind: 'certificate', id, before: withFacts(before), after: null })
      }
      return []
    },
  }
}

async function uploaded(unit: Unit): Promise<StoredCertificate[]> {
  return (await unit.certificates.list()).filter(({ source }) => source === 'uploaded')
}

/** The certificate that a document describes, or what is wrong with it. */
function readCertificate(
  { vault }: Unit,
  name: string,
  { chain, key, isDefault }: CertificateFields,
  before: StoredCertificate | null,
): { after: StoredCertificate | null; wrong: readonly Problem[] } {
  const refused = (path: string, message: string) => ({ after: null, wrong: [{ path, message }] })
  if (before?.source === 'acme')
    return refused('', 'The program gets this certificate by itself: choose another name, or end that first.')
  const sealed = key ?? before?.sealedKey
  if (sealed === undefined)
    return refused('/key', 'It is missing: a new certificate needs its key, such as "${env:EXAMPLE_KEY}".')
  const now = new Date().toISOString()
  const own = before ?? { id: newId(), version: 0, createdAt: now }
  try {
    const clear = isSealed(sealed) ? vault.open(sealed) : sealed
    const pair = checkedPair({ vault }, { chain, key: clear })
    const { id, version, createdAt } = own
    const after = {
      id,
      name,
      ...pair,
      isDefault,
      source: 'uploaded',
      version: version + 1,
      createdAt,
      updatedAt: now,
    } as const
    return { after, wrong: [] }
  } catch (error) {
    if (error instanceof Invalid) return { after: null, wrong: error.problems }
    if (error instanceof NotOurs)
      return refused(
        '/key',
        'The key was encrypted by another installation of Turnpike, or was changed: give it in clear.',
      )
    throw error
  }
}

async function writeCertificate(unit: Unit, before: StoredCertificate | null, after: StoredCertificate): Promise<void> {
  if (before === null) await unit.certificates.insert(after)
  else await unit.certificates.update(after)
  await unit.audit.record({
    action: before === null ? 'create' : 'update',
    kind: 'certificate',
    id: after.id,
    before: before && withFacts(before),
    after: withFacts(after),
  })
}

/** The certificates of a document; none where they have not the form of certificates, which is told elsewhere. */
function certificatesOf({ certificates }: Setup): [string, CertificateFields][] {
  return typeof certificates === 'object' && certificates !== null ? Object.entries(certificates) : []
}
