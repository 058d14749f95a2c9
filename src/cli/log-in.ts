import { hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text as readStream } from 'node:stream/consumers'
import { createClient, type GlobalOptions, serverUrl } from './client.ts'
import { readCredential, writeCredential } from './credentials.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

interface LoginOptions extends GlobalOptions {
  readonly name?: string
  readonly passwordStdin: boolean
  readonly expires: string
}

interface Me {
  readonly name: string
  readonly role: string | null
  readonly serviceRoles: Readonly<Record<string, string>>
}

/** `turnpike login`: exchanges name and password for a token with the rights of the user, and keeps it. */
export async function logIn(options: LoginOptions): Promise<void> {
  const url = serverUrl(options)
  const { name, password } = await askWho(options)
  const cookie = await beginSession(url, name, password)
  const client = createClient({ ...options, url }, { cookie, origin: new URL(url).origin })
  try {
    const { role, serviceRoles } = (await client.call('GET', '/me')) as Me
    const expiresAt = new Date(Date.now() + days(options.expires) * 86_400_000).toISOString()
    const { value } = (await client.call('POST', '/tokens', {
      name: `turnpike login of ${userInfo().username} on ${hostname()}`.slice(0, 100),
      role,
      serviceRoles,
      expiresAt,
    })) as { value: string }
    writeCredential(url, value)
    print(options, { name, url, expiresAt }, `Logged in to ${url} as ${name}, until ${expiresAt.slice(0, 10)}.`)
  } finally {
    await client.call('DELETE', '/sessions/current')
  }
}

/** `turnpike logout`: revokes the token that `turnpike login` has kept, and no other, and forgets it. */
export async function logOut(options: GlobalOptions): Promise<void> {
  const url = serverUrl(options)
  const token = readCredential(url)
  if (token === undefined)
    throw new Failure(`You are not logged in to ${url}: there is nothing to log out of.`, { code: 'not-logged-in' })
  try {
    await createClient(options, { authorization: `Bearer ${token}` }).call('DELETE', '/tokens/current')
  } catch (error) {
    // One that the server does not know any more is as good as revoked.
    if (!(error instanceof Failure) || error.code !== 'unauthorized') throw error
  }
  writeCredential(url, null)
  print(options, { url }, `Logged out of ${url}.`)
}

/** `turnpike whoami`: who one is to a server, and what one may do there. */
export async function whoAmI(options: GlobalOptions): Promise<void> {
  const me = (await createClient(options).call('GET', '/me')) as Me
  const single = Object.entries(me.serviceRoles).map(([service, role]) => `${role} of ${service}`)
  const rights = [...(me.role === null ? [] : [`${me.role} everywhere`]), ...single]
  print(options, me, `${me.name} (${rights.join(', ') || 'no role'})`)
}

function days(given: string): number {
  const value = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (value >= 1) return value
  throw new Failure(`--expires is "${given}", but must be a number of days from 1 to 9999.`, {
    exitCode: 2,
    code: 'usage',
  })
}

async function askWho({ name, passwordStdin }: LoginOptions): Promise<{ name: string; password: string }> {
  if (passwordStdin) {
    if (name === undefined) throw new Failure('--password-stdin needs --name.', { exitCode: 2, code: 'usage' })
    return { name, password: (await readStream(process.stdin)).replace(/\r?\n$/, '') }
  }
  if (!process.stdin.isTTY)
    throw new Failure('There is no terminal to ask for the password: use --name and --password-stdin.', {
      exitCode: 2,
      code: 'usage',
    })
  return { name: name ?? (await ask('Name: ', false)), password: await ask('Password: ', true) }
}

/** Asks on the terminal; without an echo for what nobody else shall see. */
async function ask(question: string, isSecret: boolean): Promise<string> {
  process.stderr.write(question)
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isSecret) process.stderr.write(chunk)
      done()
    },
  })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  const answer = await terminal.question('')
  terminal.close()
  if (isSecret) process.stderr.write('\n')
  return answer
}

async function beginSession(url: string, name: string, password: string): Promise<string> {
  const response = await fetch(new URL('/api/v1/sessions', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  }).catch((error: Error) => {
    throw new Failure(`No Turnpike answers at ${url} (${error.message}): say where it is with --url.`, {
      code: 'unreachable',
    })
  })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
  if (response.status === 201 && cookie !== undefined) return cookie
  const { detail, code } = (await response.json().catch(() => ({}))) as { detail?: string; code?: string }
  throw new Failure(detail ?? `${url} answered ${response.status}: is it Turnpike?`, { code: code ?? 'failed' })
}
