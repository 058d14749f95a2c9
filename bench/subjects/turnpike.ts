import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, start } from '../process.ts'
import type { Subject, SubjectContext } from './subject.ts'

/** A running Turnpike with one worker, and its management API. */
export interface TurnpikeSubject extends Subject {
  readonly data: string
  api(method: string, path: string, body?: unknown): Promise<unknown>
}

export async function startTurnpike({ folder }: Pick<SubjectContext, 'folder'>, workers = 1): Promise<TurnpikeSubject> {
  const [port, managementPort] = [await freePort(), await freePort()]
  const data = join(folder, `data-${port}`)
  const program = join(import.meta.dirname, '../../bin/turnpike.mjs')
  const settings = {
    workers,
    'gateway-host': '127.0.0.1',
    'gateway-port': port,
    'management-port': managementPort,
    data,
    'log-level': 'warn',
  }
  const child = start(process.execPath, [
    program,
    'start',
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ])
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => chunk.includes('Ready.') && resolve())
    child.once('exit', () => reject(new Error('Turnpike did not start')))
  })
  const { token } = JSON.parse(readFileSync(join(data, 'local.json'), 'utf8')) as { token: string }
  return {
    name: 'turnpike',
    port,
    pid: child.pid ?? 0,
    data,
    async api(method, path, body) {
      const response = await fetch(`http://127.0.0.1:${managementPort}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${text}`)
      return text === '' ? null : JSON.parse(text)
    },
  }
}
