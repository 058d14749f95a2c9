import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/turnpike.ts'

/** The guide on writing a plugin, followed to the letter in a copy of the sources. */

const ROOT = join(import.meta.dirname, '../..')
const guide = readFileSync(join(ROOT, 'docs/guides/write-a-plugin.md'), 'utf8')
const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')

test('a plugin made from the text of the guide compiles, passes its test, is validated and runs', () => {
  const copy = temporaryFolder()
  for (const part of ['src', 'bundles', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(join(copy, 'docs/plugins'), { recursive: true })
  const [plugin = '', reply = '', line = '', entry = '', unitTest = ''] = blocks
  assert.equal(blocks.length, 5)
  const file = (name: string) => join(copy, 'src/plugins', name)
  const edit = (name: string, find: string, replace: string) => {
    const text = readFileSync(file(name), 'utf8')
    assert.ok(text.includes(find), `${name} has no ${find}`)
    writeFileSync(file(name), text.replace(find, replace))
  }
  writeFileSync(file('office-hours.ts'), plugin)
  writeFileSync(file('office-hours.test.ts'), unitTest)
  edit('replies.ts', '  // guards\n', `  // guards\n${reply}`)
  edit('registry.ts', "import { redirect } from './redirect.ts'\n", `${line}import { redirect } from './redirect.ts'\n`)
  edit('registry.ts', '  ipRestriction,\n', `  ipRestriction,\n${entry}`)
  writeFileSync(
    join(copy, 'try.ts'),
    `import { checkAttachments } from './src/design/check-plugins.ts'
import { createVault } from './src/lib/vault.ts'
import { exchange, fakeEnv } from './src/plugins/fake-exchange.ts'
import { findPlugin } from './src/plugins/registry.ts'

const site = { place: 'stage', pathVariables: [], pointer: '', vault: createVault(Buffer.alloc(32, 1)) } as const
const check = (config: object) => checkAttachments([{ plugin: 'office-hours', config }], site)
const { attachments } = check({ closes: 18 })
const plugin = findPlugin('office-hours')
const reply = (plugin?.create as never as (config: unknown, env: unknown) => { onRequest(x: unknown): unknown })(
  (attachments[0] as { config: unknown }).config,
  fakeEnv({ now: () => Date.UTC(2026, 0, 2, 3) }),
).onRequest(exchange())
console.log(JSON.stringify({ attachments, reply, problems: [...check({ opens: 18 }).problems, ...check({ opened: 1 }).problems] }))
`,
  )
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    })
  // All of the sources: workers and threads, which main.ts only names, see the new plugin and its reply in their types too, and to
  // check less than all of it takes no less time.
  run(join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', copy)
  assert.match(run('--test', 'src/plugins/office-hours.test.ts'), /pass 5/)
  const { attachments, reply: given, problems } = JSON.parse(run('try.ts'))
  assert.deepEqual(attachments, [{ plugin: 'office-hours', config: { closes: 18, opens: 9 } }])
  assert.deepEqual(given, { reply: 'closed', detail: 'Come between 9 and 18 UTC.' })
  assert.match(problems[0].message, /before it opens at 18/)
  assert.match(problems[1].message, /"opened" is not a setting; did you mean "opens"\?/)
  run('src/plugins/reference.ts')
  assert.match(readFileSync(join(copy, 'docs/plugins/office-hours.md'), 'utf8'), /`closes` \| integer 0 to 24 \| `17`/)
})
