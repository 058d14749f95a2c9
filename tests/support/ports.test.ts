import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { freePort, PortPool } from './ports.ts'

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range'
const PROCESSES = 4
const PORTS = 60

test('processes that run at the same time get ports of their own, none of which an outgoing connection gets', async () => {
  const program = `import { freePort } from ${JSON.stringify(join(import.meta.dirname, 'ports.ts'))}
const ports = []
for (let i = 0; i < ${PORTS}; i++) ports.push(await freePort())
console.log(JSON.stringify(ports))`
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const printed = await Promise.all(Array.from({ length: PROCESSES }, run))
  const ports = printed.flatMap(({ stdout }) => JSON.parse(stdout) as number[])
  assert.equal(new Set(ports).size, PROCESSES * PORTS)
  const lowest = existsSync(RANGE) ? Number.parseInt(readFileSync(RANGE, 'utf8'), 10) : 32_768
  // A system that gives connections nearly all ports leaves no choice.
  if (lowest > 12_000) assert.ok(Math.max(...ports) < lowest, String(Math.max(...ports)))
})

test('who begins to look at the same place is given others, even where nobody listens on the first ones yet', async () => {
  const pools = Array.from({ length: 3 }, () => new PortPool(7))
  const ports: number[] = []
  // More than a part has, so that each has to look for another one.
  for (let round = 0; round < 110; round++) for (const pool of pools) ports.push(await pool.take())
  assert.equal(new Set(ports).size, ports.length)
})

test('a port that somebody listens on is left out', async () => {
  const [first, second] = [await freePort(), await freePort()]
  const server = createServer().listen(second + (second - first), '127.0.0.1')
  await once(server, 'listening')
  const next = await freePort()
  server.close()
  assert.notEqual(next, second + (second - first))
})
