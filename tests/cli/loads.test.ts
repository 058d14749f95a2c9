import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startTurnpike } from '../support/turnpike.ts'

/** What commands and threads load: every start costs its time, and every worker its memory. */

/** Of a package: each of them is found, read and linked at every start. */
const MOST_FILES = 150
const ROOT = join(import.meta.dirname, '../..')
/** Prints the thread and the address of each module that is loaded. */
const HOOK = `import { registerHooks } from 'node:module'
import { writeSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
registerHooks({ load: (url, context, next) => { writeSync(2, 'loads ' + threadId + ' ' + url + '\\n'); return next(url, context) } })`
const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`

test('a command loads its own files and the parser of command lines, and neither schemas nor server', async () => {
  const args = [
    '--import',
    hook,
    join(ROOT, 'bin/turnpike.mjs'),
    'status',
    '--url',
    'http://127.0.0.1:9',
    '--token',
    'x',
  ]
  const ended = await promisify(execFile)(process.execPath, args).catch((error) => error)
  const loaded = [...String(ended.stderr).matchAll(/^loads 0 file:\S*\/(node_modules\/[^/\s]+|src\/[^/\s]+)/gm)].map(
    ([, what]) => what,
  )
  assert.ok(loaded.includes('src/cli'), ended.stderr)
  const own = new Set([
    'node_modules/commander',
    'src/cli',
    'src/lib',
    'src/main.ts',
    'src/settings.ts',
    'src/otlp-settings.ts',
  ])
  assert.deepEqual(
    [...new Set(loaded)].filter((what) => what !== undefined && !own.has(what)),
    [],
  )
})

test('a worker loads its own files, and no HTTP of Node.js; no package comes as hundreds of files', async () => {
  const turnpike = await startTurnpike({ args: ['--workers', '1'], env: { NODE_OPTIONS: `--import=${hook}` } })
  await turnpike.stop()
  const loaded = [...turnpike.output().matchAll(/^loads 1 (\S+)$/gm)].map(([, url = '']) => url)
  assert.ok(loaded.some((url) => url.endsWith('/src/gateway/worker.ts')))
  assert.deepEqual(
    loaded.filter((url) => /^node:https?2?$|\/src\/(?:store|control|api)\//.test(url)),
    [],
  )
  const files = new Map<string, number>()
  for (const [, name = ''] of turnpike
    .output()
    .matchAll(/^loads \d+ file:\S*\/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm))
    files.set(name, (files.get(name) ?? 0) + 1)
  assert.ok(files.has('fastify'))
  assert.deepEqual(
    [...files].filter(([, count]) => count > MOST_FILES),
    [],
    'Make one file of what comes as so many: PACKAGES in bundles/build.ts.',
  )
})
