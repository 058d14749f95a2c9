import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { requireCommands, searchPath } from '../support/commands.ts'
import { deployDesign } from '../support/design.ts'
import { blocksOf, readGuide } from '../support/guide.ts'
import { startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** The guide on signing requests: its clients, run against a gateway, and its worked example, computed by another tool. */

const guide = readGuide('guides/sign-requests.md')
const block = (language: string) => blocksOf(guide, language)[0] ?? assert.fail(language)
const SECRET = 'an example secret, keep yours'
const TARGET = '/orders?state=open'
const skip = requireCommands(['curl', 'openssl', 'python3'])
const run = promisify(execFile)

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  const backend = { kind: 'mock', body: 'come in, ${consumer.id}' }
  await deployDesign(
    turnpike,
    'signing',
    { '/orders': { methods: { GET: { backend } } } },
    { plugins: [JSON.parse(block('json'))] },
  )
})
after(() => turnpike.stop())

describe('clients in the guide come in', { skip }, () => {
  const clients: [language: string, command: string, file: string][] = [
    ['bash', 'bash', 'sign.sh'],
    ['js', process.execPath, 'sign.mjs'],
    ['python', 'python3', 'sign.py'],
  ]
  for (const [language, command, file] of clients)
    test(language, async () => {
      const path = join(temporaryFolder(), file)
      writeFileSync(path, block(language))
      const env = {
        ...process.env,
        PATH: searchPath,
        GATEWAY: `http://127.0.0.1:${turnpike.gatewayPort}`,
        TARGET,
        SECRET,
        HOST: 'signing.localhost',
      }
      assert.equal((await run(command, [path], { env })).stdout, 'come in, orders')
      const wrong = await run(command, [path], { env: { ...env, SECRET: 'another secret' } }).catch((error) => error)
      assert.doesNotMatch(String(wrong.stdout), /come in/)
    })
})

test('the worked example is what openssl computes', { skip }, () => {
  const input = `GET\n${TARGET}\n2026-01-02T03:04:05Z`
  const signature = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET, '-binary'], { input }).toString(
    'base64',
  )
  assert.ok(guide.includes(`| HmacSHA256 | \`${signature}\` |`))
  assert.ok(guide.includes(input))
})
