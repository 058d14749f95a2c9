import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Case, cases } from './cases.ts'
import { limits } from './limits.ts'
import { hasCommand, installMissing } from './packages.ts'
import { cpuMicros, stopAll } from './process.ts'
import { startNginx, startUpstream } from './subjects/nginx.ts'
import { startCaddy, startFastifyProxy, startHaproxy } from './subjects/peers.ts'
import type { Subject } from './subjects/subject.ts'
import { startTurnpike } from './subjects/turnpike.ts'
import { median, printTable, type Row } from './table.ts'
import { wrk } from './wrk.ts'

/** `npm run bench`: CPU per request of Turnpike beside its peers, in one run; see docs/performance.md. */

const { values: options } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: ['bare'] },
    rounds: { type: 'string', default: '5' },
    duration: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    subjects: { type: 'string', default: 'turnpike,nginx,haproxy,caddy,fastify-proxy,direct' },
    json: { type: 'string' },
  },
})

/** One round of one subject. */
interface Sample {
  readonly rps: number
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

const folder = mkdtempSync(join(tmpdir(), 'turnpike-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const wanted = options.subjects.split(',')
installMissing(['nginx', 'wrk', ...wanted.filter((name) => ['haproxy', 'caddy'].includes(name))])
for (const command of ['nginx', 'wrk'])
  if (!hasCommand(command))
    throw new Error(`${command} is missing: install it (apt-get install nginx-light wrk) and run again`)

const results: Record<string, Record<string, Row>> = {}
for (const name of options.case) {
  const limit = limits.find((one) => one.name === name)
  const one = cases.find((each) => each.name === name)
  if (limit !== undefined) await limit.run(folder)
  else if (one !== undefined) results[name] = await runCase(one)
  else
    throw new Error(
      `there is no case "${name}": there are ${[...cases, ...limits].map((each) => each.name).join(', ')}`,
    )
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ cases: results }, null, 2)}\n`)
const failed = Object.values(results).some((rows) => Object.values(rows).some(({ errors }) => errors > 0))
process.exit(failed ? 1 : 0)

/** Starts everything, drives each subject in turn, round by round, and prints the table. */
async function runCase(one: Case): Promise<Record<string, Row>> {
  const upstream = await startUpstream(folder)
  const subjects = await startSubjects(one, upstream)
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]))
  for (const subject of subjects)
    await wrk(`http://127.0.0.1:${subject.port}${one.path}`, one.host, Number(options.connections), 1)
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const subject of subjects) samples.get(subject.name)?.push(await measure(one, subject))
  }
  stopAll()
  const rows = Object.fromEntries(
    [...samples].map(([name, list]) => [name, summarise(list, samples.get('nginx') ?? [])]),
  )
  printTable(
    `${one.name}: ${one.summary}`,
    rows,
    `${options.rounds} rounds of ${options.duration} s, ${options.connections} connections`,
  )
  return rows
}

async function startSubjects(one: Case, upstream: Subject): Promise<Subject[]> {
  const context = { folder, upstreamPort: upstream.port }
  const starters: Record<string, () => Promise<Subject>> = {
    async turnpike() {
      const turnpike = await startTurnpike(context)
      await one.setUp(turnpike, `http://127.0.0.1:${upstream.port}`)
      return turnpike
    },
    nginx: () => startNginx(context),
    haproxy: () => startHaproxy(context),
    caddy: () => startCaddy(context),
    'fastify-proxy': () => startFastifyProxy(context),
    direct: async () => ({ ...upstream, name: 'direct' }),
  }
  const started: Subject[] = []
  for (const name of wanted) {
    const start = starters[name]
    if (start === undefined)
      throw new Error(`there is no subject "${name}": there are ${Object.keys(starters).join(', ')}`)
    if (['haproxy', 'caddy'].includes(name) && !hasCommand(name)) console.error(`${name} is not installed: left out`)
    else started.push(await start())
  }
  return started
}

async function measure(one: Case, { port, pid }: Subject): Promise<Sample> {
  const before = cpuMicros(pid)
  const load = await wrk(
    `http://127.0.0.1:${port}${one.path}`,
    one.host,
    Number(options.connections),
    Number(options.duration),
  )
  return {
    rps: load.requestsPerSecond,
    cpuMicros: (cpuMicros(pid) - before) / load.requests,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    errors: load.errors,
  }
}

/** Medians of the rounds; the ratio is the median of the ratios within each round, which the machine's mood changes least. */
function summarise(samples: readonly Sample[], nginx: readonly Sample[]): Row {
  const of = (key: keyof Sample) => median(samples.map((sample) => sample[key]))
  const ratios = samples.map((sample, round) => sample.cpuMicros / (nginx[round]?.cpuMicros ?? Number.NaN))
  return {
    rps: of('rps'),
    cpuMicros: of('cpuMicros'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    ratioToNginx: median(ratios),
    errors: samples.reduce((sum, { errors }) => sum + errors, 0),
  }
}
