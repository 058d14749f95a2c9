import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

/** Who may import whom: the one table. A folder may always import itself; `main.ts` and `settings.ts` may import anything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: [],
  plugins: ['lib'],
  model: ['lib', 'plugins'],
  design: ['lib', 'plugins', 'model'],
  snapshot: ['lib', 'plugins', 'model', 'design'],
  gateway: ['lib', 'plugins', 'model', 'snapshot'],
  store: ['lib', 'plugins', 'model', 'snapshot'],
  stats: ['lib', 'model'],
  telemetry: ['lib', 'model'],
  control: ['lib', 'plugins', 'model', 'design', 'snapshot', 'store', 'stats'],
  api: ['lib', 'plugins', 'model', 'control', 'telemetry'],
  cli: ['lib'],
  demo: ['lib'],
}

const SOURCE = join(import.meta.dirname, '..', 'src')
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+|\bnew URL\()'(\.{1,2}\/[^']+)'/g

/** Imports that are there when the types are gone. */
const LOADED = /^(?:import|export) (?!type\b)[^']*from '([^']+)'/gm

/** Names the breach in one import, or null where the table allows it. */
function breach(file: string, target: string): string | null {
  const from = file.split('/')[0] ?? ''
  const to = target.split('/')[0] ?? ''
  if (!file.includes('/') || from === to) return null
  if (MAY_IMPORT[from]?.includes(to)) return null
  return `${file} imports ${target}: ${from} may import ${MAY_IMPORT[from]?.join(', ') || 'nothing'}`
}

test('every import keeps to the table of layers', () => {
  const breaches: string[] = []
  let seen = 0
  for (const file of globSync('**/*.ts', { cwd: SOURCE })) {
    for (const [, specifier = ''] of readFileSync(join(SOURCE, file), 'utf8').matchAll(IMPORT)) {
      seen++
      const target = relative(SOURCE, join(SOURCE, dirname(file), specifier))
      const found = breach(file, target)
      if (found) breaches.push(found)
    }
  }
  assert.deepEqual(breaches, [])
  assert.ok(seen > 100, `only ${seen} imports seen: this test no longer reads the sources`)
})

test('main thread and workers meet in what they say to one another: neither imports the code of the other', () => {
  const isOfMainThread = (file: string) => file === 'gateway/supervisor.ts' || file.startsWith('gateway/supervision/')
  const isOfWorkers = (file: string) => /^gateway\/(?:worker|serve|table|pipeline)[a-z-]*\.ts$/.test(file)
  const seen: string[] = []
  for (const file of globSync('gateway/**/*.ts', { cwd: SOURCE })) {
    if (file.endsWith('.test.ts')) continue
    // A thread is started by its file, which is no import.
    for (const [statement, specifier = ''] of readFileSync(join(SOURCE, file), 'utf8').matchAll(IMPORT)) {
      if (statement.startsWith('new URL')) continue
      const target = relative(SOURCE, join(SOURCE, dirname(file), specifier))
      if (isOfMainThread(file) && isOfWorkers(target)) assert.fail(`${file} imports ${target}`)
      if (!isOfMainThread(file) && isOfMainThread(target)) assert.fail(`${file} imports ${target}`)
      if (isOfMainThread(file)) seen.push(target)
    }
  }
  assert.ok(seen.length > 20, 'this test no longer reads the supervisor')
})

test('the log thread loads nothing of packages: it is there to be small, and to be there at once', () => {
  const seen = new Set<string>()
  const packages: string[] = []
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(join(SOURCE, file), 'utf8').matchAll(LOADED)) {
      if (specifier.startsWith('.')) visit(relative(SOURCE, join(SOURCE, dirname(file), specifier)))
      else if (!specifier.startsWith('node:')) packages.push(`${file} loads ${specifier}`)
    }
  }
  visit('gateway/access-log/log-thread.ts')
  assert.deepEqual(packages, [])
  assert.ok(seen.size > 10, `only ${seen.size} files seen: this test no longer follows the imports`)
})

for (const [file, target] of [
  ['gateway/serve.ts', 'store/open.ts'],
  ['cli/deploy.ts', 'control/deploy-stage.ts'],
  ['lib/headers.ts', 'plugins/plugin.ts'],
] as const) {
  test(`a planted import of ${target} in ${file} is caught`, () => assert.notEqual(breach(file, target), null))
}

for (const statement of [
  "import { a } from '../x/y.ts'",
  "import type { A } from './y.ts'",
  "await import('../x/y.ts')",
]) {
  test(`the test reads ${statement}`, () => assert.equal([...statement.matchAll(IMPORT)].length, 1))
}
