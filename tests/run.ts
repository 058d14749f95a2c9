import { globSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** `npm test`: all test files, or those that are named (files or globs). */

/**
 * The folders whose files take longest, the longest first: a long file that begins last would run alone at the end. Files of the
 * same folder begin in the order of their names.
 */
const LONGEST = [
  'tests/docs/commands',
  'tests/console/',
  'tests/store/',
  'tests/cli/',
  'tests/docs/',
  'tests/api/',
  'tests/gateway/',
  'tests/',
  'src/gateway/',
]

/** Files at a time: two more than there are cores, because tests wait half of their time. With more than four memory is short. */
const AT_A_TIME = Math.min(4, availableParallelism() + 2)

const ROOT = join(import.meta.dirname, '..')
const rank = (file: string) => {
  const place = LONGEST.findIndex((folder) => file.startsWith(folder))
  return place === -1 ? LONGEST.length : place
}

// Each file is a process of its own, and most start the program too: none of them strips the types of the same sources again.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'turnpike-compile-cache')

const named = process.argv.slice(2)
const files = globSync(named.length > 0 ? named : ['src/**/*.test.ts', 'tests/**/*.test.ts'], { cwd: ROOT })
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
  .sort((a, b) => rank(a) - rank(b))
if (files.length === 0) throw new Error(`There is no test file ${named.join(' ')}.`)

run({ files, cwd: ROOT, concurrency: AT_A_TIME })
  .on('test:fail', () => {
    process.exitCode = 1
  })
  .compose(spec)
  .pipe(process.stdout)
