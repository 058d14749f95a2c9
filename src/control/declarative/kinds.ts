import type { SetupKind } from '../../model/declarative.ts'
import { exportCertificates, planCertificates } from './certificates.ts'
import { exportKeys, planKeys } from './keys.ts'
import type { Kind } from './kind.ts'
import { exportServices, planServices } from './services.ts'
import { exportUsagePlans, planUsagePlans } from './usage-plans.ts'

/** The kinds, in the order in which they are written: each may name things of those before it. They are deleted in reverse. */
export const kinds: Readonly<Record<SetupKind, Kind>> = {
  services: { plan: planServices, export: exportServices },
  plans: { plan: planUsagePlans, export: exportUsagePlans },
  keys: { plan: planKeys, export: exportKeys },
  certificates: { plan: planCertificates, export: exportCertificates },
}
