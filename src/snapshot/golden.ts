import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { Invalid } from '../model/errors.ts'
import { compile } from './compile.ts'
import { newDesign } from './testdata/design.ts'

/** The golden pairs of the compiler: NAME.in.yaml says what is compiled, NAME.out.json what must come of it. */

const FOLDER = join(import.meta.dirname, 'testdata')

/** One pair. */
export interface Golden {
  readonly name: string
  readonly outFile: string
  /** What the compiler makes of the input now, as the text of the file. */
  actual(): string
}

/** All pairs, found by their files. */
export function goldens(): Golden[] {
  return globSync('*.in.yaml', { cwd: FOLDER }).map((file) => {
    const name = basename(file, '.in.yaml')
    return {
      name,
      outFile: join(FOLDER, `${name}.out.json`),
      actual: () => outcome(readFileSync(join(FOLDER, file), 'utf8')),
    }
  })
}

function outcome(text: string): string {
  const value = attempt(text)
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The snapshot, or the problems that the input is meant to have. */
function attempt(text: string): unknown {
  try {
    return compile(newDesign(parse(text)))
  } catch (error) {
    if (error instanceof Invalid) return { problems: error.problems }
    throw error
  }
}

if (import.meta.main) {
  for (const { name, outFile, actual } of goldens()) {
    writeFileSync(outFile, actual())
    console.log(`wrote ${name}`)
  }
}
