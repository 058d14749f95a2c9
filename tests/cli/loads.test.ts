import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

/** What a command of the CLI loads: a second of start is a second for everybody who has it in a loop. */

const ROOT = join(import.meta.dirname, '../..')
/** Prints the address of each module that is loaded. */
const HOOK = `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => { process.stderr.write('loads ' + url + '\\n'); return next(url, context) } })`

test('a command loads its own files and the parser of command lines, and neither schemas nor server', async () => {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`
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
  const loaded = [...String(ended.stderr).matchAll(/^loads file:\S*\/(node_modules\/[^/\s]+|src\/[^/\s]+)/gm)].map(
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
