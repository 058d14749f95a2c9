import { writeSetup } from '../../design/declarative/write-setup.ts'
import type { SetupKind } from '../../model/declarative.ts'
import type { Unit } from '../../store/unit.ts'
import { kinds } from './kinds.ts'

/** The setup as a document: all of it, or some services. Applied to where it comes from, it changes nothing. */
export async function exportSetup(unit: Unit, services: readonly string[] | null): Promise<unknown> {
  const written: [string, unknown][] = []
  for (const [name, kind] of Object.entries(kinds)) {
    const things = await kind.export(unit, services)
    if (things !== null) written.push([name, things])
  }
  // The keys are some of those of `kinds`.
  return writeSetup(Object.fromEntries(written) as Partial<Record<SetupKind, unknown>>)
}
