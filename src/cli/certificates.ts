import { readFileSync } from 'node:fs'
import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { table } from './table.ts'

/** `turnpike certificates …`: certificates for HTTPS, and who is shown them. */

interface Certificate {
  readonly name: string
  readonly chain: string
  readonly isDefault: boolean
  readonly source: string
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  readonly fingerprint: string
  readonly keyType: string
  readonly daysLeft: number
  readonly usedBy: readonly { readonly service: string; readonly stage: string; readonly host: string }[]
}

/** Where chain and key are. */
interface PairOptions extends GlobalOptions {
  readonly chain?: string
  readonly key?: string
  readonly default?: boolean
}

const certificatePath = (name: string) => `/certificates/${encodeURIComponent(name)}`
/** From here on somebody should do something about it. */
const SOON_DAYS = 14

/** `turnpike certificates list`. */
export async function listCertificates(options: GlobalOptions): Promise<void> {
  const { items } = (await createClient(options).call('GET', '/certificates')) as { items: Certificate[] }
  const rows = items.map((one) => [
    one.isDefault ? `${one.name} (default)` : one.name,
    [...one.names, ...one.addresses].join(' '),
    remaining(one),
    issuerName(one),
    one.usedBy.length,
  ])
  const text =
    rows.length === 0
      ? 'There are no certificates: add one with "turnpike certificates add". Names below the base domain have the local authority ("turnpike certificates authority").'
      : table(['NAME', 'HOSTS', 'EXPIRES', 'ISSUER', 'USED'], rows)
  print(options, items, text)
}

/** `turnpike certificates show`: what it says, or with `--pem` the chain itself. */
export async function showCertificate(name: string, options: GlobalOptions & { readonly pem: boolean }): Promise<void> {
  const one = (await createClient(options).call('GET', certificatePath(name))) as Certificate
  if (options.pem) return print(options, one.chain, one.chain.trimEnd())
  const lines = [
    `Name         ${one.name}`,
    `Hosts        ${[...one.names, ...one.addresses].join(' ')}`,
    `Default      ${one.isDefault ? 'yes: for clients that name no other host' : 'no'}`,
    `Subject      ${one.subject}`,
    `Issuer       ${one.issuer}`,
    `Holds        from ${one.notBefore} to ${one.notAfter} (${remaining(one)})`,
    `Serial       ${one.serialNumber}`,
    `SHA-256      ${one.fingerprint}`,
    `Key          ${one.keyType}`,
    `Source       ${one.source}`,
    '',
    one.usedBy.length === 0
      ? 'No live stage has it.'
      : table(
          ['STAGE', 'HOST'],
          one.usedBy.map(({ service, stage, host }) => [`${service}/${stage}`, host]),
        ),
  ]
  print(options, one, lines.join('\n'))
}

/** `turnpike certificates add`. */
export async function addCertificate(name: string, options: PairOptions): Promise<void> {
  const { chain = '', key = '' } = options
  const body = { name, chain: readText(chain), key: readText(key), isDefault: options.default === true }
  const made = (await createClient(options).call('POST', '/certificates', body)) as Certificate
  print(options, made, `Certificate "${name}" is in use for ${hosts(made)}: ${remaining(made)}.`)
}

/** `turnpike certificates replace`: connections that are open keep what they have. */
export async function replaceCertificate(name: string, options: PairOptions): Promise<void> {
  const changes = {
    ...(options.chain !== undefined && { chain: readText(options.chain) }),
    ...(options.key !== undefined && { key: readText(options.key) }),
    ...(options.default !== undefined && { isDefault: options.default }),
  }
  if (Object.keys(changes).length === 0)
    throw new Failure('There is nothing to change: see "turnpike certificates replace --help".', {
      exitCode: 2,
      code: 'usage',
    })
  const changed = (await createClient(options).call('PATCH', certificatePath(name), changes)) as Certificate
  print(options, changed, `Certificate "${name}" is in use for ${hosts(changed)}: ${remaining(changed)}.`)
}

/** `turnpike certificates delete`. */
export async function deleteCertificate(name: string, options: GlobalOptions): Promise<void> {
  await createClient(options).call('DELETE', certificatePath(name))
  print(options, { deleted: name }, `Certificate "${name}" is deleted.`)
}

interface Managed {
  readonly name: string
  readonly domains: readonly string[]
  readonly challenge: string
  readonly state: string
  readonly failures: number
  readonly lastError: string | null
  readonly nextAttemptAt: string
}

/** `turnpike certificates request`: has it got from an authority. */
export async function requestCertificate(
  name: string,
  domains: readonly string[],
  options: GlobalOptions & { readonly challenge: string; readonly agreeTos: boolean },
): Promise<void> {
  if (!options.agreeTos)
    throw new Failure('The authority has terms of service: agree to them with --agree-tos.', {
      exitCode: 2,
      code: 'usage',
    })
  const { challenge } = options
  const body = { name, domains, challenge, termsOfServiceAgreed: true }
  const made = await createClient(options).call('POST', '/managed-certificates', body)
  print(options, made, `Certificate "${name}" is being got: see "turnpike certificates managed".`)
}

/** `turnpike certificates managed`: how those stand that are got from an authority. */
export async function listManaged(options: GlobalOptions): Promise<void> {
  const { items } = (await createClient(options).call('GET', '/managed-certificates')) as { items: Managed[] }
  const rows = items.map(({ name, domains, state, nextAttemptAt, lastError }) => [
    name,
    domains.join(' '),
    state,
    nextAttemptAt,
    lastError ?? '-',
  ])
  const text =
    rows.length === 0
      ? 'No certificate is got from an authority: see "turnpike certificates request --help".'
      : table(['NAME', 'HOSTS', 'STATE', 'NEXT ATTEMPT', 'LAST ERROR'], rows)
  print(options, items, text)
}

/** `turnpike certificates renew`. */
export async function renewManaged(name: string, options: GlobalOptions): Promise<void> {
  const managed = await createClient(options).call('POST', `/managed-certificates/${encodeURIComponent(name)}/attempts`)
  print(options, managed, `Certificate "${name}" is being got: see "turnpike certificates managed".`)
}

/** `turnpike certificates release`: renews it no more. */
export async function endManaged(name: string, options: GlobalOptions): Promise<void> {
  await createClient(options).call('DELETE', `/managed-certificates/${encodeURIComponent(name)}`)
  print(options, { released: name }, `Certificate "${name}" is renewed no more. What was got stays.`)
}

/** `turnpike certificates authority`: what clients of this machine are to trust. */
export async function showAuthority(options: GlobalOptions): Promise<void> {
  const { certificate } = (await createClient(options).call('GET', '/local-authority')) as { certificate: string }
  print(options, { certificate }, certificate.trimEnd())
}

/** The content of a file, `-` for standard input. */
function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure(`${file} cannot be read: ${reason}.`, { exitCode: 2, code: 'usage' })
  }
}

function hosts({ names, addresses }: Certificate): string {
  return [...names, ...addresses].join(', ')
}

function remaining({ daysLeft, notAfter }: Certificate): string {
  if (daysLeft < 0) return `EXPIRED on ${notAfter.slice(0, 10)}`
  const days = daysLeft === 1 ? '1 day left' : `${daysLeft} days left`
  return daysLeft < SOON_DAYS ? `${days}: replace it soon` : days
}

function issuerName({ issuer }: Certificate): string {
  return /(?:^|, )CN=([^,]+)/.exec(issuer)?.[1] ?? issuer
}
