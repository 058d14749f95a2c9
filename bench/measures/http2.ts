import { join } from 'node:path'
import { freePort } from '../../tests/support/turnpike.ts'
import { cpuMicros } from '../cpu.ts'
import type { Finding } from '../finding.ts'
import { HEADERS } from '../headers.ts'
import type { Measure } from '../measure.ts'
import { median } from '../median.ts'
import { run, startServer } from '../processes.ts'
import { deployRoutes, HOST } from '../subjects/api.ts'
import { startNginx } from '../subjects/nginx.ts'
import type { Subject } from '../subjects/subject.ts'
import { startTurnpike } from '../subjects/turnpike.ts'
import { startUpstream } from '../subjects/upstream.ts'

const ROUNDS = 3
const SECONDS = 3

/** How clients call: so many connections, and so many requests at once on each. */
const PATTERNS = [
  { connections: 64, streams: 1 },
  { connections: 8, streams: 16 },
]

export const http2: Measure = {
  name: 'http2',
  summary: 'what a request of HTTP/2 costs, beside nginx and a proxy on node:http2',
  async run(folder) {
    const upstream = await startUpstream(folder)
    const turnpike = await startTurnpike()
    await deployRoutes(turnpike, `http://127.0.0.1:${upstream.port}`, 1)
    const subjects = [turnpike, await startNginxHttp2(folder, upstream.port), await startNode(upstream.port)]
    const findings: Finding[] = []
    for (const pattern of PATTERNS) findings.push(...(await compare(subjects, pattern)))
    for (const subject of [...subjects, upstream]) await subject.stop()
    return findings
  },
}

interface Pattern {
  readonly connections: number
  readonly streams: number
}

async function compare(subjects: readonly Subject[], pattern: Pattern): Promise<Finding[]> {
  const samples = subjects.map((): Sample[] => [])
  for (const subject of subjects) await drive(subject, pattern)
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, subject] of subjects.entries()) samples[i]?.push(await drive(subject, pattern))
  const how = `${pattern.connections} connections, ${pattern.streams} at once on each`
  const micros = samples.map((list) => median(list.map(({ cpuMicros: each }) => each)))
  const toNginx = median((samples[0] ?? []).map((own, round) => own.cpuMicros / (samples[1]?.[round]?.cpuMicros ?? 0)))
  return [
    ...subjects.map(({ name }, i) => ({ what: `${how}: ${name}`, measured: micros[i] ?? 0, aim: null, unit: 'µs' })),
    { what: `${how}: Turnpike to nginx`, measured: toNginx, aim: null, unit: '×' },
    {
      what: `${how}: failed requests`,
      measured: samples.flat().reduce((sum, { failures }) => sum + failures, 0),
      aim: 0,
      unit: '',
      isFault: true,
    },
  ]
}

interface Sample {
  readonly cpuMicros: number
  readonly failures: number
}

async function drive({ port, pid }: Subject, { connections, streams }: Pattern): Promise<Sample> {
  const before = cpuMicros(pid)
  const headers = [`:authority: ${HOST}`, ...HEADERS].flatMap((header) => ['-H', header])
  const text = await run(
    'h2load',
    ['-t1', `-c${connections}`, `-m${streams}`, `-D${SECONDS}`, ...headers, `http://127.0.0.1:${port}/called/4711`],
    (SECONDS + 30) * 1000,
  )
  const [, done = '0', good = '0'] = /(\d+) done, (\d+) succeeded/.exec(text) ?? []
  return {
    cpuMicros: (cpuMicros(pid) - before) / Number(done),
    failures: Number(done) === 0 ? 1 : Number(done) - Number(good),
  }
}

function startNginxHttp2(folder: string, upstreamPort: number): Promise<Subject> {
  return startNginx({
    name: 'nginx',
    folder,
    listen: 'http2',
    http: `upstream backend { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }`,
    location: 'proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";',
  })
}

async function startNode(upstreamPort: number): Promise<Subject> {
  const port = await freePort()
  const program = join(import.meta.dirname, '../subjects/node-http2-program.ts')
  const name = 'a proxy on node:http2'
  return { name, port, ...(await startServer(process.execPath, [program, String(port), String(upstreamPort)], port)) }
}
