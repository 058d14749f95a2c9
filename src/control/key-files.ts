import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { Invalid } from '../model/errors.ts'
import { type ApiKey, type KeyValues, keyRules } from '../model/key.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { KeyDigests } from '../store/keys.ts'
import type { Unit } from '../store/unit.ts'
import { assertRoom, digestsOf, keyOf, type NewKey, newKeyValue } from './keys.ts'
import { readFuture } from './times.ts'

/** Keys from and to CSV (RFC 4180), the first line of which names the columns. */

/** What an import has a column for; all but the name may be missing. */
export const importColumns = [
  'name',
  'description',
  'primary',
  'secondary',
  'active',
  'expiresAt',
  'subscriptions',
] as const
type Column = (typeof importColumns)[number]

/** The most lines of one import. */
const MAX_LINES = 100_000
/** Problems that are told; more would help nobody. */
const MAX_PROBLEMS = 1_000
const MAX_NAMED_BYTES = 200

/** One key of an import: its values are there where they were made, and then shown this once. */
export interface ImportedKey {
  readonly id: string
  readonly name: string
  readonly primary: string | null
  readonly secondary: string | null
}

interface Line extends NewKey {
  /** Of the file, where the key begins. */
  readonly number: number
  readonly subscriptions: readonly { readonly service: string; readonly stage: string; readonly plan: string }[]
}

/**
 * Makes keys of a file: all of them, or none. Throws `Invalid` with every line that is wrong, `Conflict` where there is no room.
 * With `isDryRun` it only looks.
 */
export async function importKeys(
  unit: Unit,
  csv: string,
  { isDryRun, capacity }: { readonly isDryRun: boolean; readonly capacity: number },
): Promise<ImportedKey[]> {
  const problems: Problem[] = []
  const lines = readLines(csv, problems)
  const made = lines.map((line) => {
    const values = { primary: line.primary ?? newKeyValue(), secondary: line.secondary ?? newKeyValue() }
    return { line, key: keyOf(line), values, digests: digestsOf(unit, values) }
  })
  await checkAgainstStore(unit, made, problems)
  const links = await findSubscriptions(unit, made, problems)
  if (problems.length > 0) {
    const told = problems.slice(0, MAX_PROBLEMS)
    const more = problems.length > told.length ? ` The first ${told.length} are told.` : ''
    throw new Invalid(
      `Nothing was imported: ${problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`}.${more}`,
      told,
    )
  }
  await assertRoom(unit, made.length, capacity)
  if (!isDryRun) {
    await unit.keys.insert(made)
    for (const { keyId, stageId, planId } of links) await unit.keys.subscribe(keyId, stageId, planId)
    const after = { keys: made.length, subscriptions: links.length }
    await unit.audit.record({ action: 'import', kind: 'key', id: '', before: null, after })
  }
  return made.map(({ line, key, values }) => ({
    id: key.id,
    name: key.name,
    primary: line.primary === undefined && !isDryRun ? values.primary : null,
    secondary: line.secondary === undefined && !isDryRun ? values.secondary : null,
  }))
}

/** The keys as CSV, page by page: everything but their values. */
export async function* exportKeys(
  inTransaction: <T>(work: (unit: Unit) => Promise<T>) => Promise<T>,
): AsyncGenerator<string> {
  yield stringify([['name', 'description', 'active', 'expiresAt', 'subscriptions', 'lastUsedAt', 'createdAt']])
  for (let after: { name: string; value: string } | null = null; ; ) {
    const place = after
    const rows = await inTransaction(async (unit) => {
      const keys = await unit.keys.list({ search: '', sort: 'name', isDescending: false, after: place, limit: 500 })
      const subscriptions = await unit.keys.subscriptionsOfAll(keys.map(({ id }) => id))
      return keys.map((key) => ({ key, subscriptions: subscriptions.get(key.id) ?? [] }))
    })
    const last = rows.at(-1)
    if (last === undefined) return
    after = { name: last.key.name, value: last.key.name }
    yield stringify(
      rows.map(({ key: { name, description, active, expiresAt, lastUsedAt, createdAt }, subscriptions }) => [
        name,
        description,
        String(active),
        expiresAt,
        subscriptions.map(({ service, stage, plan }) => `${service}/${stage}=${plan}`).join(' '),
        lastUsedAt,
        createdAt,
      ]),
      // What a spreadsheet would take for a formula is not one.
      { escape_formulas: true },
    )
  }
}

function readLines(csv: string, problems: Problem[]): Line[] {
  const rows = parseRows(csv)
  const [head, ...records] = rows
  if (head === undefined) throw badFile('It is empty: the first line names the columns.')
  const columns = head.cells.map((cell) => cell.trim())
  const unknown = columns.filter((column) => !importColumns.some((known) => known === column))
  // What an export has beside these is not read.
  const ignored = new Set(['lastUsedAt', 'createdAt'])
  const wrong = unknown.filter((column) => !ignored.has(column))
  if (wrong.length > 0)
    throw badFile(`There is no column "${shortened(wrong[0] ?? '')}": there are ${importColumns.join(', ')}.`)
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) throw badFile(`The column "${twice}" is there twice.`)
  if (!columns.includes('name')) throw badFile('The column "name" is missing.')
  if (records.length === 0) throw badFile('There are no keys behind the names of the columns.')
  if (records.length > MAX_LINES)
    throw badFile(`There are ${records.length} keys: import at most ${MAX_LINES} at a time.`)
  const lines = records.flatMap(({ cells, line }) => readLine(columns, cells, line, problems) ?? [])
  tellTwice(lines, problems)
  return lines
}

function parseRows(csv: string): { cells: string[]; line: number }[] {
  try {
    const rows = parse(csv, { bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true }) as unknown as {
      record: string[]
      info: { lines: number }
    }[]
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }))
  } catch (error) {
    throw badFile(error instanceof Error ? error.message : String(error))
  }
}

function badFile(message: string): Invalid {
  return new Invalid('Nothing was imported: the file cannot be read.', [{ path: '/csv', message }])
}

const patterns = { name: new RegExp(keyRules.name, 'u'), value: new RegExp(keyRules.value, 'u') }
const { nameLength: MAX_NAME, descriptionLength: MAX_DESCRIPTION } = keyRules

/** One line as a key; null where it is wrong, and then it is among the problems. */
function readLine(
  columns: readonly string[],
  cells: readonly string[],
  number: number,
  problems: Problem[],
): Line | null {
  const before = problems.length
  const tell = (column: Column | '', message: string) =>
    problems.push({
      path: `/lines/${number}${column === '' ? '' : `/${column}`}`,
      message: `Line ${number}: ${message}`,
    })
  if (cells.length !== columns.length) {
    tell('', `it has ${cells.length} values for ${columns.length} columns.`)
    return null
  }
  const cell = (column: Column) => cells[columns.indexOf(column)]?.trim() ?? ''
  const [name, description, active, expires] = [cell('name'), cell('description'), cell('active'), cell('expiresAt')]
  if (name === '') tell('name', 'the name is missing.')
  else if (name.length > MAX_NAME || !patterns.name.test(name))
    tell('name', `"${shortened(name)}" is no name: up to ${MAX_NAME} characters, without control characters.`)
  if (description.length > MAX_DESCRIPTION) tell('description', `it has more than ${MAX_DESCRIPTION} characters.`)
  // The value is not told: it may be a good one but for a typing error.
  for (const slot of ['primary', 'secondary'] as const)
    if (cell(slot) !== '' && !patterns.value.test(cell(slot)))
      tell(
        slot,
        'the value has other characters than letters, digits, "-", "_" and ".", or fewer than ten letters and digits.',
      )
  if (cell('primary') !== '' && cell('primary') === cell('secondary'))
    tell('secondary', 'the two values of a key must differ.')
  if (!['', 'true', 'false'].includes(active)) tell('active', `"${shortened(active)}" is neither true nor false.`)
  const expiresAt = expires === '' ? null : readExpiry(expires, tell)
  const subscriptions = readSubscriptions(cell('subscriptions'), tell)
  if (problems.length > before) return null
  return {
    number,
    name,
    description,
    active: active !== 'false',
    expiresAt,
    subscriptions,
    ...(cell('primary') !== '' && { primary: cell('primary') }),
    ...(cell('secondary') !== '' && { secondary: cell('secondary') }),
  }
}

type Tell = (column: Column, message: string) => void

function readExpiry(text: string, tell: Tell): string | null {
  try {
    return readFuture('key', text)
  } catch {
    tell('expiresAt', `"${shortened(text)}" is not a time in the future, such as 2030-01-31T00:00:00Z.`)
    return null
  }
}

/** `SERVICE/STAGE=PLAN`, several of them separated by spaces. */
function readSubscriptions(text: string, tell: Tell): Line['subscriptions'] {
  if (text === '') return []
  return text.split(/\s+/).flatMap((part) => {
    const [, service, stage, plan] = /^([^/=]+)\/([^/=]+)=([^/=]+)$/.exec(part) ?? []
    if (service !== undefined && stage !== undefined && plan !== undefined) return [{ service, stage, plan }]
    tell('subscriptions', `"${shortened(part)}" is not SERVICE/STAGE=PLAN.`)
    return []
  })
}

/** Tells names and values that are in the file twice. */
function tellTwice(lines: readonly Line[], problems: Problem[]): void {
  const names = new Map<string, number>()
  const values = new Map<string, number>()
  for (const { number, name, primary, secondary } of lines) {
    const sameName = names.get(name)
    if (sameName === undefined) names.set(name, number)
    else
      problems.push({
        path: `/lines/${number}/name`,
        message: `Line ${number}: the name "${shortened(name)}" is in line ${sameName} too.`,
      })
    for (const [slot, value] of Object.entries({ primary, secondary })) {
      if (value === undefined) continue
      const same = values.get(value)
      if (same === undefined) values.set(value, number)
      else
        problems.push({
          path: `/lines/${number}/${slot}`,
          message: `Line ${number}: the ${slot} value is in line ${same} too.`,
        })
    }
  }
}

interface Made {
  readonly line: Line
  readonly key: ApiKey
  readonly values: KeyValues
  readonly digests: KeyDigests
}

async function checkAgainstStore(unit: Unit, made: readonly Made[], problems: Problem[]): Promise<void> {
  const taken = await unit.keys.takenNames(made.map(({ key }) => key.name))
  const owners = await unit.keys.ownersOf(made.flatMap(({ digests }) => [digests.primary, digests.secondary]))
  for (const { line, digests } of made) {
    const tell = (column: Column, message: string) =>
      problems.push({ path: `/lines/${line.number}/${column}`, message: `Line ${line.number}: ${message}` })
    if (taken.has(line.name)) tell('name', `there is already a key "${shortened(line.name)}".`)
    if (owners.has(digests.primary)) tell('primary', 'the value is that of another key.')
    if (owners.has(digests.secondary)) tell('secondary', 'the value is that of another key.')
  }
}

/** The subscriptions of all lines, by ids. */
async function findSubscriptions(
  unit: Unit,
  made: readonly Made[],
  problems: Problem[],
): Promise<{ keyId: string; stageId: string; planId: string }[]> {
  const known = new Map<string, { stageId: string; planId: string } | string>()
  const links: { keyId: string; stageId: string; planId: string }[] = []
  for (const { line, key } of made) {
    const stages = new Set<string>()
    for (const { service, stage, plan } of line.subscriptions) {
      const text = `${service}/${stage}=${plan}`
      const found = known.get(text) ?? (await findSubscription(unit, service, stage, plan))
      known.set(text, found)
      const trouble =
        typeof found === 'string'
          ? found
          : stages.has(found.stageId)
            ? `${service}/${stage} is there twice: a key has one plan on a stage.`
            : null
      if (trouble !== null)
        problems.push({ path: `/lines/${line.number}/subscriptions`, message: `Line ${line.number}: ${trouble}` })
      else if (typeof found !== 'string') {
        stages.add(found.stageId)
        links.push({ keyId: key.id, ...found })
      }
    }
  }
  return links
}

/** What a subscription names, or what is wrong with it. */
async function findSubscription(
  unit: Unit,
  service: string,
  stage: string,
  plan: string,
): Promise<{ stageId: string; planId: string } | string> {
  const ofPlan = await unit.plans.findByName(plan)
  if (ofPlan === null) return `there is no plan "${shortened(plan)}".`
  const found = (await unit.plans.stagesOf(ofPlan.id)).find((one) => one.service === service && one.stage === stage)
  if (found === undefined) return `the plan "${plan}" is not connected to ${shortened(`${service}/${stage}`)}.`
  return { stageId: found.stageId, planId: ofPlan.id }
}

function shortened(text: string): string {
  return text.length > MAX_NAMED_BYTES ? `${text.slice(0, MAX_NAMED_BYTES)}…` : text
}
