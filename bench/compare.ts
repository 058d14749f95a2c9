import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newAuthority } from '../src/lib/fake-authority.ts'
import type { Aims, Case } from './cases.ts'
import { cpuMicros } from './cpu.ts'
import type { Finding } from './finding.ts'
import { median } from './median.ts'
import { HOST } from './subjects/api.ts'
import { peers } from './subjects/peers.ts'
import type { Subject } from './subjects/subject.ts'
import { startTurnpike } from './subjects/turnpike.ts'
import { startUpstream } from './subjects/upstream.ts'
import { wrk } from './wrk.ts'

/** How a case is run. */
export interface RunOptions {
  readonly folder: string
  readonly subjects: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

/** What came of a case: a row per subject, and what the case aims at. */
export interface Comparison {
  readonly rows: readonly Row[]
  readonly findings: readonly Finding[]
}

/** One subject's medians. */
export interface Row {
  readonly name: string
  readonly rps: number
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Null where nginx did not run, and for the upstream itself. */
  readonly ratioToNginx: number | null
  readonly errors: number
}

/** One round of one subject. */
type Sample = Omit<Row, 'name' | 'ratioToNginx'>

/** Long enough for a JIT compiler to see what is hot. */
const WARM_UP_SECONDS = 2

/** Starts everything, drives each subject in turn, round by round, and stops everything. */
export async function compare(one: Case, options: RunOptions): Promise<Comparison> {
  const subjects: Subject[] = []
  try {
    const upstream = await startUpstream(options.folder)
    subjects.push(upstream)
    for (const start of starters(one, options, upstream)) subjects.push(await start())
    // The upstream is a subject only where `direct` asks for it.
    const all = options.subjects.includes('direct') ? [...subjects.slice(1), upstream] : subjects.slice(1)
    const measured = all.filter(({ tlsPort }) => one.isTls !== true || typeof tlsPort === 'number')

    for (const subject of measured) await drive(one, subject, options.connections, WARM_UP_SECONDS)
    const samples = new Map<string, Sample[]>(measured.map(({ name }) => [name, []]))
    for (let round = 0; round < options.rounds; round++) {
      for (const subject of measured) {
        samples.get(subject.name)?.push(await drive(one, subject, options.connections, options.seconds))
      }
    }
    return summarise(one, samples)
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()))
  }
}

function starters(one: Case, { folder, subjects }: RunOptions, upstream: Subject): (() => Promise<Subject>)[] {
  const identity = writeIdentity(folder)
  const upstreamUrl = `http://127.0.0.1:${upstream.port}`
  const turnpike = (name: string, setUp: Case['setUp']) => async () => {
    const started = await startTurnpike(name)
    await setUp(started, upstreamUrl)
    return started
  }
  const wanted = peers.filter(({ name }) => subjects.includes(name))
  for (const { name } of wanted.filter((peer) => !peer.isInstalled()))
    console.error(`bench: ${name} is not installed, so the table has no line for it.`)
  return [
    ...(subjects.includes('turnpike') ? [turnpike('turnpike', one.setUp)] : []),
    ...(subjects.includes('turnpike') && one.baseline ? [turnpike(one.baseline.name, one.baseline.setUp)] : []),
    ...wanted
      .filter((peer) => peer.isInstalled())
      .map((peer) => () => peer.start({ folder, upstreamPort: upstream.port, identity })),
  ]
}

/** A certificate for subjects that need to be given one, of the kind that Turnpike makes for itself. */
function writeIdentity(folder: string): { certificate: string; key: string } {
  const { certificate, key } = newAuthority().issue({ commonName: HOST, names: [HOST], usage: 'server' })
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.certificate, certificate)
  writeFileSync(files.key, key, { mode: 0o600 })
  return files
}

async function drive(
  one: Case,
  { port, tlsPort, pid }: Subject,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const before = cpuMicros(pid)
  const { host, path, headers = [], isTls = false } = one
  const load = await wrk({ port: isTls ? (tlsPort ?? 0) : port, isTls, host, path, connections, seconds, headers })
  return {
    rps: load.requestsPerSecond,
    cpuMicros: (cpuMicros(pid) - before) / load.requests,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    errors: load.errors,
  }
}

function summarise(one: Case, samples: ReadonlyMap<string, readonly Sample[]>): Comparison {
  const ratio = (name: string, other: string, key: 'cpuMicros' | 'p99Ms') =>
    medianRatio(samples.get(name) ?? [], samples.get(other) ?? [], key)
  const rows = [...samples].map(([name, list]): Row => {
    const of = (key: keyof Sample) => median(list.map((sample) => sample[key]))
    return {
      name,
      rps: of('rps'),
      cpuMicros: of('cpuMicros'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      ratioToNginx: name === 'direct' ? null : ratio(name, 'nginx', 'cpuMicros'),
      errors: list.reduce((sum, { errors }) => sum + errors, 0),
    }
  })
  return { rows, findings: findings(one.aims, one.baseline?.name ?? '', ratio) }
}

/** The median of the ratios within each round: both sides then had the same mood of the machine. Null without the other side. */
function medianRatio(samples: readonly Sample[], others: readonly Sample[], key: keyof Sample): number | null {
  const ratios = samples.flatMap((sample, round) => {
    const other = others[round]
    return other === undefined ? [] : [sample[key] / other[key]]
  })
  return ratios.length === 0 ? null : median(ratios)
}

type Ratio = (name: string, other: string, key: 'cpuMicros' | 'p99Ms') => number | null

function findings(aims: Aims, baseline: string, ratio: Ratio): Finding[] {
  const all: [what: string, measured: number | null, aim: number | undefined][] = [
    ['CPU per request, to nginx', ratio('turnpike', 'nginx', 'cpuMicros'), aims.cpuToNginx],
    [`CPU per request, to ${baseline}`, ratio('turnpike', baseline, 'cpuMicros'), aims.cpuToBaseline],
    ['p99 under full load, to nginx', ratio('turnpike', 'nginx', 'p99Ms'), aims.p99ToNginx],
  ]
  return all.flatMap(([what, measured, aim]) =>
    measured === null || aim === undefined ? [] : [{ what, measured, aim, unit: '×' }],
  )
}
