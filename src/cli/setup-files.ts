import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readStream } from 'node:stream/consumers'
import { resolveReferences } from '../lib/environment-references.ts'
import { keysOf, pointerTo } from '../lib/json-pointer.ts'
import { mergeDocuments } from '../lib/merge-documents.ts'
import { readYaml, type YamlDocument } from '../lib/yaml.ts'
import { Failure, type FieldProblem } from './failure.ts'

/** The files of a setup: read, merged into one document, with what the environment says put in. */

/** A document and the file that it is in. */
interface Source {
  readonly file: string
  readonly document: YamlDocument
}

/** A setup as it is sent, and where its parts stand. */
export interface SetupFiles {
  readonly document: unknown
  /** A failure of the API with the file and line of each problem. */
  located(failure: Failure): Failure
}

const FILES = /\.(?:ya?ml|json)$/i
/** More is refused by the management API anyway. */
const MAX_BYTES = 20 * 1024 * 1024

/** Reads files, folders (the YAML and JSON files in them) and `-` for standard input. Throws `Failure` with all problems. */
export async function readSetupFiles(
  paths: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SetupFiles> {
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const sources = (await Promise.all([...new Set(files)].map(readSources))).flat()
  if (sources.length === 0)
    throw new Failure(`There is no setup in ${paths.join(', ')}: a setup begins with "turnpike: 1".`, {
      code: 'unreadable',
    })
  const merged = mergeDocuments(sources.map(({ document }) => document.value))
  if (merged.conflicts.length > 0)
    throw failureOf(
      'The files contradict one another',
      merged.conflicts.map(({ path, documents: [first, second] }) => ({
        ...problemAt(sources.slice(second, second + 1), path, ''),
        message: `${said(path)} is said twice, and differently: ${told(problemAt(sources.slice(first, first + 1), path, ''))} has it too.`,
      })),
    )
  const { value, missing } = resolveReferences(merged.value, environment)
  if (missing.length > 0)
    throw failureOf(
      'Variables of the environment are missing',
      missing.map(({ path, name, isName }) => problemAt(sources, path, missingMessage(name, isName))),
    )
  return {
    document: value,
    located: (failure) =>
      new Failure(failure.message, {
        exitCode: failure.exitCode,
        code: failure.code,
        errors: failure.errors.map(({ path, message }) => problemAt(sources, keysOf(path), message)),
      }),
  }
}

async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return [path]
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => FILES.test(name) && !name.startsWith('.')).sort()
    return names.map((name) => join(path, name))
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function readSources(file: string): Promise<Source[]> {
  const text = await readText(file)
  if (text.length > MAX_BYTES)
    throw new Failure(`${file} is larger than ${MAX_BYTES} characters.`, { code: 'too-large' })
  const { documents, problems } = readYaml(text)
  if (problems.length > 0)
    throw failureOf(
      `${file} is not well-formed YAML`,
      problems.map(({ line, message }) => ({ path: '', message, file, line })),
    )
  return documents.map((document) => ({ file, document }))
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(path: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'ENOENT' ? 'there is no such file' : message
  return new Failure(`${path} cannot be read: ${reason}. Give files, folders, or - for standard input.`, {
    code: 'unreadable',
  })
}

/** A problem with the place that leads deepest, of all documents: what one of them has, the others lead not as far to. */
function problemAt(sources: readonly Source[], path: readonly string[], message: string): FieldProblem {
  const places = sources.map(({ file, document }) => ({ file, ...document.placeOf(path) }))
  const deepest = places.reduce((best, place) => (place.depth > best.depth ? place : best), places[0] ?? nowhere)
  return { path: pointerTo(...path), message, file: deepest.file, line: deepest.line }
}

const nowhere = { file: '', line: 0, depth: 0 }

function failureOf(message: string, errors: readonly FieldProblem[]): Failure {
  return new Failure(`${message}.`, { code: 'invalid', errors })
}

function said(path: readonly string[]): string {
  return path.length === 0 ? 'The document' : `"${path.at(-1)}"`
}

function told({ file, line }: FieldProblem): string {
  return `${file === '-' ? 'standard input' : file}, line ${line},`
}

function missingMessage(name: string, isName: boolean): string {
  return isName
    ? `\${env:${name}} is not set: set ${name} in the environment, or write $\${env:${name}} for the text itself.`
    : `"${name}" cannot be a variable of the environment: its name has letters, digits and underscores.`
}
