import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'

/** Each component of the library brings its own style sheet (`console/mantine.ts`): none that is used stands there without. */

const ASSETS = join(import.meta.dirname, '../../../console/dist/assets')
const LIBRARY = createRequire(import.meta.url).resolve('@mantine/core/styles.css')
/** How the library names its classes: by a hash of what they are called in its sources. */
const CLASS = /\bm_[0-9a-f]{6,8}\b/g

const classesIn = (...files: readonly string[]) =>
  new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(CLASS) ?? []))
const built = (ending: string) => globSync(`*.${ending}`, { cwd: ASSETS }).map((name) => join(ASSETS, name))

test('every class that a script names has its rules in a sheet that was built', () => {
  const styled = classesIn(LIBRARY)
  const named = [...classesIn(...built('js'))].filter((name) => styled.has(name))
  const there = classesIn(...built('css'))
  assert.ok(named.length > 200, `only ${named.length} classes seen: this test no longer reads the scripts`)
  assert.deepEqual(
    named.filter((name) => !there.has(name)),
    [],
  )
})

test('the page comes with the colours of the theme, for light and for dark', () => {
  const sheet = built('css').map((file) => readFileSync(file, 'utf8'))
  const first = sheet.filter((text) => text.includes('--mantine-color-teal-filled'))
  assert.equal(first.length, 1)
  assert.match(first[0] ?? '', /\[data-mantine-color-scheme=["']?dark["']?\][^}]*--mantine-color-dimmed:\s*#a9adb2/i)
  assert.match(first[0] ?? '', /\[data-mantine-color-scheme=["']?light["']?\][^}]*--mantine-color-dimmed:\s*#5c636a/i)
})
