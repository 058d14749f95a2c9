import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, temporaryFolder } from '../support/turnpike.ts'

/** Whoever reads what the program writes has gone, as `head` does when it has seen enough. */

const PROGRAM = join(import.meta.dirname, '../../bin/turnpike.mjs')

function withoutReader(...args: readonly string[]): ChildProcess & { errors(): string } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  return Object.assign(child, { errors: () => errors })
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('close', resolve))

test('a command ends, and has nothing to complain of', async () => {
  const child = withoutReader('--help')
  assert.equal(await ended(child), 141)
  assert.equal(child.errors(), '')
})

test('the gateway goes on', async () => {
  const port = await freePort()
  const child = withoutReader(
    ...['start', '--data', temporaryFolder(), '--workers', '1', '--gateway-port', String(await freePort())],
    ...['--tls-port', 'off', '--management-port', String(port), '--log-level', 'error'],
  )
  try {
    const isReady = () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok)
    while (child.exitCode === null && !(await isReady().catch(() => false)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    // What it says of itself has been written by then.
    assert.ok(await isReady(), child.errors())
  } finally {
    child.kill('SIGTERM')
  }
  assert.equal(await ended(child), 0)
  assert.equal(child.errors(), '')
})
