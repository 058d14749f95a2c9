import { createHash } from 'node:crypto'
import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import { readSetup } from '../../design/declarative/read-setup.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { Invalid } from '../../model/errors.ts'
import type { Unit } from '../../store/unit.ts'
import type { KindPlan, NamedStage, Outlook, PlanOptions } from './kind.ts'
import { kinds } from './kinds.ts'

/** What applying a document would do. */
export interface SetupPlan {
  readonly changes: PlannedChange[]
  /** The stages that would be deployed afterwards. */
  readonly deployments: NamedStage[]
  /** SHA-256 of all of it: equal where the same would be done. */
  readonly fingerprint: string
}

/** Compares a document with what is there; writes nothing. Throws `Invalid` with all problems. */
export async function planSetup(unit: Unit, document: unknown, options: PlanOptions): Promise<SetupPlan> {
  return (await prepare(unit, document, options)).plan
}

/** A plan with what carries it out, by kind in the order of writing. */
export interface PreparedPlan {
  readonly plan: SetupPlan
  readonly parts: readonly KindPlan[]
}

/** The same, to be carried out in the same transaction. */
export async function prepare(unit: Unit, document: unknown, options: PlanOptions): Promise<PreparedPlan> {
  const setup = readSetup(document)
  const parts: KindPlan[] = []
  let outlook: Outlook = { stages: new Map(), goneStages: [], plans: new Map() }
  for (const kind of Object.values(kinds)) {
    const part = await kind.plan(unit, setup, options, outlook)
    outlook = { ...outlook, ...part.outlook }
    parts.push(part)
  }
  const problems = [...setup.problems, ...parts.flatMap((part) => part.problems)]
  if (problems.length > 0)
    throw new Invalid(
      problems.length === 1 ? 'The setup has a problem.' : `The setup has ${problems.length} problems.`,
      summarised(problems),
    )
  const changes = parts.flatMap((part) => part.changes)
  const deployments = parts.flatMap((part) => part.deployments ?? [])
  const untold = parts.flatMap((part) => part.untold ?? [])
  return { plan: { changes, deployments, fingerprint: fingerprintOf(changes, deployments, untold) }, parts }
}

/** Of names alone, beside the changes: ids of what is new are made anew each time. */
function fingerprintOf(
  changes: readonly PlannedChange[],
  deployments: readonly NamedStage[],
  untold: readonly string[],
): string {
  const stages = deployments.map(({ service, stage }) => `${service}/${stage}`)
  return createHash('sha256').update(canonicalJson({ changes, stages, untold })).digest('hex')
}

/** More than anybody reads; the first ones are told. */
const MOST_PROBLEMS = 200

function summarised(problems: readonly { path: string; message: string }[]) {
  if (problems.length <= MOST_PROBLEMS) return problems
  const more = problems.length - MOST_PROBLEMS
  return [...problems.slice(0, MOST_PROBLEMS), { path: '', message: `… and ${more} more problems.` }]
}
