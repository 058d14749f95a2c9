import type { Design } from '../design/design.ts'
import type { Overlaid } from '../design/effective.ts'
import { effectivePolicies } from '../design/policy-references.ts'
import type { Policy } from '../model/policy.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'

/** The policies that methods of a stage run under; those that are not there are left out. */
export async function policiesOf(
  unit: Unit,
  { id }: Pick<Service, 'id'>,
  stage: Overlaid,
  design: Design,
): Promise<Policy[]> {
  const policies: Policy[] = []
  for (const name of effectivePolicies(design, stage)) {
    const policy = await unit.policies.find(id, name)
    if (policy !== null) policies.push(policy)
  }
  return policies
}
