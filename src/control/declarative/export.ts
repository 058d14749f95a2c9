import { writeSetup } from '../../design/declarative/write-setup.ts'
import type { SetupKind } from '../../model/declarative.ts'
import type { Unit } from '../../store/unit.ts'
import { kinds } from './kinds.ts'

/** The setup as a document: all of it, or some services. Applied to where it comes from, it changes nothing. */
export async function exportSetup(unit: Unit, services: readonly string[] | null): Promise<unknown> {
  const written: [string, unknown][] = []
  for (const [name, kind] of Object.entries(kinds)) written.push([name, await kind.export(unit, services)])
  // The keys are those of `kinds`, which has all.
  return writeSetup(Object.fromEntries(written) as Record<SetupKind, unknown>)
}
