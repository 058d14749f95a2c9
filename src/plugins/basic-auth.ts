import { createHmac } from 'node:crypto'
import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { verifyPassword } from '../lib/passwords.ts'
import { consumerFields, credentialsOf, identify, refusal, sharedKey, Verified } from './authentication.ts'
import { type Consumer, definePlugin, type Exchange, type Outcome, type Problem, type Reply } from './plugin.ts'
import { HashedPassword } from './secret.ts'

/** How long a password that was right is not hashed again. */
const KEEP_MS = 5 * 60_000
const MAX_KEPT = 10_000
/** Hashes take 20 MB and 30 ms each: how many at once, and how many may wait. */
const MAX_AT_ONCE = 2
const MAX_WAITING = 64
const MAX_CHARACTERS = 1_024

const Config = Type.Object(
  {
    users: Type.Array(
      Type.Object(
        {
          name: Type.String({
            title: 'Name',
            description: 'What the user logs in with; no colon.',
            minLength: 1,
            maxLength: 200,
            pattern: '^[^:\\x00-\\x1f\\x7f]+$',
            [EXPECTED]: 'a name without colons and control characters',
            examples: ['ada'],
          }),
          password: HashedPassword({ title: 'Password', description: 'What only the user knows.', examples: ['…'] }),
          ...consumerFields,
        },
        { additionalProperties: false },
      ),
      {
        title: 'Users',
        description: 'Who may come in.',
        minItems: 1,
        maxItems: 10_000,
        examples: [[{ name: 'ada', password: '…' }]],
      },
    ),
    realm: Type.String({
      title: 'Realm',
      description: 'What a browser shows when it asks for the password.',
      pattern: '^[^"\\\\\\x00-\\x1f\\x7f]*$',
      [EXPECTED]: 'a text without quotes, backslashes and control characters',
      maxLength: 100,
      default: 'api',
      examples: ['api'],
    }),
    forward: Type.Boolean({
      title: 'Forward',
      description: 'Whether the backend sees the credentials.',
      default: false,
      examples: [false],
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

interface Known {
  readonly consumer: Consumer
  readonly hash: string
}

export const basicAuth = definePlugin({
  name: 'basic-auth',
  summary: 'Lets users in by name and password (RFC 7617).',
  docs: 'Passwords are kept as slow hashes (argon2id), and an unknown name takes as long as a wrong password. A password that was right is remembered for five minutes by a keyed digest, so that the next request costs microseconds. Only a few passwords are hashed at a time; whoever comes beyond those that wait is answered with 429. Use it with HTTPS only.',
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  config: Config,

  check: ({ users }) => twice(users),

  create({ users, realm, forward }, env) {
    const known = new Map(
      users.map(({ name, password, groups }): [string, Known] => [
        name,
        { consumer: { id: name, name, groups }, hash: password },
      ]),
    )
    const challenge = `Basic realm="${realm}", charset="UTF-8"`
    // One for all routes with these users: what one has checked the others need not.
    const door = env.shared(sharedKey('basic-auth', users), () => new Door(env.randomHex(32), env.now))
    const admit = (x: Exchange, consumer: Consumer): undefined => {
      identify(x, consumer)
      if (!forward) x.request.headers.remove('authorization')
    }
    return {
      onRequest(x): Outcome | Promise<Outcome> {
        const given = credentialsOf(x, 'authorization', 'basic')
        if (given === null) return refusal('basic-auth-missing', challenge)
        const credentials = decode(given)
        if (credentials === null) return refusal('basic-auth-malformed', challenge)
        const { name, password } = credentials
        const user = known.get(name)
        if (user !== undefined && door.hasSeen(given)) return admit(x, user.consumer)
        const checked = door.check(given, password, user?.hash ?? null)
        if (checked === null) return { reply: 'basic-auth-busy', headers: [['Retry-After', '1']] }
        return checked.then((isRight): Reply | undefined =>
          isRight && user !== undefined ? admit(x, user.consumer) : refusal('basic-auth-wrong', challenge),
        )
      },
    }
  },
})

/** Where passwords are checked: a few at a time, and those that were right are known for a while. */
class Door {
  private readonly key: string
  private readonly now: () => number
  private readonly seen = new Verified<true>(MAX_KEPT)
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor(key: string, now: () => number) {
    this.key = key
    this.now = now
  }

  hasSeen(credentials: string): boolean {
    return this.seen.get(this.digest(credentials), this.now()) === true
  }

  /** Whether a password is the one that was hashed; null where too many are waiting already. */
  check(credentials: string, password: string, hash: string | null): Promise<boolean> | null {
    if (this.running >= MAX_AT_ONCE && this.waiting.length >= MAX_WAITING) return null
    return this.inTurn(async () => {
      const isRight = await verifyPassword(password, hash)
      if (isRight) this.seen.set(this.digest(credentials), true, this.now() + KEEP_MS)
      return isRight
    })
  }

  private async inTurn(work: () => Promise<boolean>): Promise<boolean> {
    if (this.running >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve))
    else this.running++
    try {
      return await work()
    } finally {
      const next = this.waiting.shift()
      // The place goes to the next one as it is.
      if (next === undefined) this.running--
      else next()
    }
  }

  private digest(credentials: string): string {
    return createHmac('sha256', this.key).update(credentials).digest('base64')
  }
}

/** Name and password of the credentials (RFC 7617, section 2); null for what is not that. */
function decode(credentials: string): { name: string; password: string } | null {
  if (credentials.length > MAX_CHARACTERS || !/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return null
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

function twice(users: Config['users']): Problem[] {
  return users.flatMap(({ name }, i) =>
    users.findIndex((other) => other.name === name) === i
      ? []
      : [{ path: `/users/${i}/name`, message: `"${name}" is there twice: a name is of one user.` }],
  )
}
