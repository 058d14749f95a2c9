import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAttachments } from '../../src/design/check-plugins.ts'
import { createVault } from '../../src/lib/vault.ts'
import { referencePages, stalePages } from '../../src/plugins/reference.ts'
import { plugins } from '../../src/plugins/registry.ts'

test('the pages in docs/plugins are those of the definitions', () => {
  assert.deepEqual(stalePages(), [], 'they are stale: run "npm run docs:plugins"')
})

test('there is a page for each plugin, with all of its settings and an example that its schema takes', () => {
  const vault = createVault(Buffer.alloc(32, 1))
  const pages = new Map(referencePages().map(({ file, text }) => [file, text]))
  for (const { name, config, attach } of plugins) {
    const text = pages.get(`${name}.md`) ?? assert.fail(`no page for ${name}`)
    for (const setting of Object.keys(config.properties))
      assert.ok(text.includes(`\`${setting}\``), `${name}: ${setting}`)
    const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '')
    const { problems } = checkAttachments([example], {
      place: attach[0] ?? 'stage',
      pathVariables: [],
      pointer: '',
      vault,
    })
    // Examples do not show whole keys.
    assert.deepEqual(
      problems.filter(({ message }) => !message.includes('The key cannot be used')),
      [],
      name,
    )
  }
})
