import { readChain } from '../../lib/certificate-chain.ts'
import type { StoredCertificate } from '../../model/certificate.ts'
import { newId } from '../../model/id.ts'
import type { ManagedCertificate } from '../../model/managed-certificate.ts'
import type { Store } from '../../store/open.ts'
import type { Unit } from '../../store/unit.ts'
import { withFacts } from '../certificates.ts'
import type { LiveCertificates } from '../live-certificates.ts'
import type { ChallengeTable } from '../publisher.ts'
import { type Obtained, obtainCertificate } from './acme-client.ts'
import { renewalOf, retryOf } from './schedule.ts'

/** What the agent needs of the program. */
export interface AcmeAgentParts {
  readonly store: Pick<Store, 'inTransaction'>
  readonly challenges: ChallengeTable
  readonly liveCertificates: Pick<LiveCertificates, 'refresh'>
  readonly email: string
  readonly log: { info(message: string): void; warn(message: string): void }
}

const LOOK_EVERY_MS = 60_000
const ACTOR = 'acme'
const MOST_ERROR_TEXT = 500

/** Gets the certificates that are due from their authorities, one after the other, and renews them. */
export class AcmeAgent {
  private readonly parts: AcmeAgentParts
  private timer: NodeJS.Timeout | null = null
  private running: Promise<void> | null = null
  private isStopped = false

  constructor(parts: AcmeAgentParts) {
    this.parts = parts
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS)
    this.look()
  }

  /** Looks now whether anything is due: something was asked for. */
  look(): void {
    if (this.isStopped) return
    const before = this.running ?? Promise.resolve()
    const run = before
      .then(() => this.workOff())
      // The store could not be used: the next look finds what is still due.
      .catch((error) => this.parts.log.warn(`Certificates could not be looked after: ${messageOf(error)}`))
    this.running = run
  }

  /** Begins nothing more. What is under way is given up: it is begun again by the next start. */
  stop(): void {
    this.isStopped = true
    if (this.timer !== null) clearInterval(this.timer)
  }

  private async workOff(): Promise<void> {
    const now = new Date().toISOString()
    const all = await this.inTransaction((unit) => unit.managedCertificates.list())
    for (const managed of all) if (managed.nextAttemptAt <= now && !this.isStopped) await this.attempt(managed)
  }

  private async attempt(managed: ManagedCertificate): Promise<void> {
    const { log } = this.parts
    try {
      const obtained = await this.obtain(managed)
      if (this.isStopped) return
      const id = await this.inTransaction((unit) => keep(unit, managed, obtained))
      if (id !== null) await this.parts.liveCertificates.refresh(id)
      log.info(`The certificate "${managed.name}" for ${managed.domains.join(', ')} is got and in use`)
    } catch (error) {
      if (this.isStopped) return
      const reason = messageOf(error).slice(0, MOST_ERROR_TEXT)
      const failed = await this.inTransaction((unit) => noteFailure(unit, managed, reason))
      log.warn(`The certificate "${managed.name}" could not be got: ${reason}; next at ${failed?.nextAttemptAt}`)
    }
  }

  private async obtain(managed: ManagedCertificate): Promise<Obtained> {
    const { challenges, email } = this.parts
    const { account, vault } = await this.inTransaction(async (unit) => ({
      account: await unit.managedCertificates.account(managed.directoryUrl),
      vault: unit.vault,
    }))
    return obtainCertificate(managed, {
      vault,
      email,
      account,
      onAccount: (made) => this.inTransaction((unit) => unit.managedCertificates.insertAccount(made)),
      show: (challenge) => challenges.showChallenge(challenge),
      hide: (challenge) => challenges.hideChallenge(challenge),
    })
  }

  private inTransaction<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    return this.parts.store.inTransaction(ACTOR, work)
  }
}

/** Keeps what was got, in the place of what it renews. Returns the certificate's id; null where nobody wants it any more. */
async function keep(unit: Unit, { name }: ManagedCertificate, { chain, key }: Obtained): Promise<string | null> {
  const managed = await unit.managedCertificates.findByName(name)
  if (managed === null) return null
  const read = readChain(chain, key, Date.now())
  if (read.chain === null || read.problems.length > 0)
    throw new Error(`What the authority gave cannot be used: ${read.problems[0]?.message}`)
  const before = await unit.certificates.findByName(name)
  const now = new Date().toISOString()
  const own = before ?? { id: newId(), isDefault: false, version: 0, createdAt: now }
  const after: StoredCertificate = {
    ...own,
    name,
    chain: read.chain.pem,
    sealedKey: unit.vault.seal(key),
    source: 'acme',
    version: own.version + 1,
    updatedAt: now,
  }
  if (before === null) await unit.certificates.insert(after)
  else await unit.certificates.update(after)
  const nextAttemptAt = new Date(renewalOf(after.chain)).toISOString()
  await unit.managedCertificates.update({ ...managed, state: 'issued', failures: 0, lastError: null, nextAttemptAt })
  await unit.audit.record({
    action: before === null ? 'create' : 'renew',
    kind: 'certificate',
    id: after.id,
    before: before && withFacts(before),
    after: withFacts(after),
  })
  return after.id
}

async function noteFailure(
  unit: Unit,
  { name }: ManagedCertificate,
  reason: string,
): Promise<ManagedCertificate | null> {
  const managed = await unit.managedCertificates.findByName(name)
  if (managed === null) return null
  const failures = managed.failures + 1
  const nextAttemptAt = new Date(retryOf(failures, Date.now(), Math.random())).toISOString()
  const failed = { ...managed, state: 'failing', failures, lastError: reason, nextAttemptAt } as const
  await unit.managedCertificates.update(failed)
  return failed
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
