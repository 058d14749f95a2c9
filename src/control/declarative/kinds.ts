import type { SetupKind } from '../../model/declarative.ts'
import type { Kind } from './kind.ts'
import { exportServices, planServices } from './services.ts'

/** The kinds, in the order in which they are written: each may name things of those before it. They are deleted in reverse. */
export const kinds: Readonly<Record<SetupKind, Kind>> = {
  services: { plan: planServices, export: exportServices },
}
