import { checkPolicy, checkPolicyValue, normalPolicy } from '../design/check-policy.ts'
import { policyUsesOfDesign, policyUsesOfOverlay } from '../design/policy-references.ts'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import { MOST_VALUES, type Policy, type PolicyValue, policyDefaults } from '../model/policy.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService } from './find.ts'
import { designOf } from './read-changes.ts'
import { readSnapshotOf } from './read-deployments.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** A policy and where it is in use, in words: `GET /pets`, `/pets on stage live`, `deployment 3, live on stage live`. */
export interface PolicyState {
  readonly policy: Policy
  readonly usedBy: string[]
  readonly service: Service
}

/** One policy of a service. Throws `NotFound`. */
export async function readPolicy(unit: Unit, serviceIdOrName: string, name: string): Promise<PolicyState> {
  const service = await findService(unit, serviceIdOrName)
  const policy = await findPolicy(unit, service, name)
  return { policy, usedBy: await usesOf(unit, service, name), service }
}

/** Adds a policy to a service. */
export async function createPolicy(
  unit: Unit,
  serviceIdOrName: string,
  given: Pick<Policy, 'name' | 'key'> & Partial<Policy>,
  expected: ExpectedVersion,
): Promise<{ policy: Policy; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const policy = normalPolicy({ ...policyDefaults, ...given })
  if ((await unit.policies.keysOf(service.id)).has(policy.name))
    throw new Conflict(`"${service.name}" already has a policy "${policy.name}": choose another name.`)
  assertPolicy({ ...policyDefaults, ...given })
  await unit.policies.insert(service.id, [policy])
  const touched = await touchService(unit, service)
  const id = `${service.id}/${policy.name}`
  await unit.audit.record({ action: 'create', kind: 'policy', serviceId: service.id, id, before: null, after: policy })
  return { policy, service: touched }
}

/** Changes a policy. Its name stays: attachments and deployments know it by that. What is live changes with the next deployment. */
export async function updatePolicy(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  changes: Partial<Omit<Policy, 'name'>>,
  expected: ExpectedVersion,
): Promise<{ policy: Policy; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findPolicy(unit, service, name)
  assertPolicy({ ...before, ...changes })
  const after = normalPolicy({ ...before, ...changes })
  await unit.policies.update(service.id, after, changes.values === undefined ? null : after.values)
  const touched = await touchService(unit, service)
  // Thousands of values that stay are nothing to keep with each change of a description.
  const told = (policy: Policy) => ({ ...policy, values: changes.values === undefined ? undefined : policy.values })
  await unit.audit.record({
    action: 'update',
    kind: 'policy',
    serviceId: service.id,
    id: `${service.id}/${name}`,
    before: told(before),
    after: told(after),
  })
  return { policy: after, service: touched }
}

/** Deletes a policy. Throws `Conflict`, saying where, if it is in use: in the draft, by a stage, or by what is live. */
export async function deletePolicy(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  expected: ExpectedVersion,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findPolicy(unit, service, name)
  const uses = await usesOf(unit, service, name)
  if (uses.length > 0) throw new Conflict(inUse(name, uses))
  await unit.policies.delete(service.id, [name])
  await touchService(unit, service)
  await unit.audit.record({
    action: 'delete',
    kind: 'policy',
    serviceId: service.id,
    id: `${service.id}/${name}`,
    before,
    after: null,
  })
}

/** Sets what holds for one value of a policy; adds the value where it is not there. */
export async function setPolicyValue(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  value: PolicyValue,
  expected: ExpectedVersion,
): Promise<PolicyValue> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findPolicyValue(unit, service, name, value.value)
  const problems = checkPolicyValue(value, '')
  if (problems.length > 0) throw new Invalid(`The value "${value.value}" cannot be saved so.`, problems)
  if (before === null && (await unit.policies.countValues(service.id, name)) >= MOST_VALUES)
    throw new Conflict(`The policy "${name}" has ${MOST_VALUES} values, and cannot have more: delete one first.`)
  await unit.policies.setValue(service.id, name, value)
  await touchService(unit, service)
  await unit.audit.record({
    action: before === null ? 'create' : 'update',
    kind: 'policy-value',
    serviceId: service.id,
    id: `${service.id}/${name}/${value.value}`,
    before,
    after: value,
  })
  return value
}

/** Takes one value out of a policy. */
export async function deletePolicyValue(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  value: string,
  expected: ExpectedVersion,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findPolicyValue(unit, service, name, value)
  if (before === null) throw new NotFound('policy value', `${service.name}/${name}/${value}`)
  await unit.policies.deleteValue(service.id, name, value)
  await touchService(unit, service)
  const id = `${service.id}/${name}/${value}`
  await unit.audit.record({ action: 'delete', kind: 'policy-value', serviceId: service.id, id, before, after: null })
}

/** Where a policy is in use. */
async function usesOf(unit: Unit, service: Service, name: string): Promise<string[]> {
  const inDraft = policyUsesOfDesign(await readDraft(unit, service))
    .filter(({ policy }) => policy === name)
    .map(({ node }) => node)
  const onStages = await usesOnStages(unit, await unit.stages.ofService(service.id), name)
  return [...inDraft, ...onStages]
}

/** Where stages use a policy: in the design that they run, in their overlay, and in what is live of them. */
export async function usesOnStages(unit: Unit, stages: readonly Stage[], name: string): Promise<string[]> {
  const uses: string[] = []
  for (const stage of stages) {
    const said = [...policyUsesOfDesign(await designOf(unit, stage)), ...policyUsesOfOverlay(stage.overlay)]
    const nodes = said.filter(({ policy }) => policy === name).map(({ node }) => `${node} on stage ${stage.name}`)
    uses.push(...new Set(nodes), ...(await usesOfLive(unit, stage, name)))
  }
  return uses
}

async function usesOfLive(unit: Unit, stage: Stage, name: string): Promise<string[]> {
  const live = stage.deploymentId === null ? null : await unit.deployments.find(stage.deploymentId)
  if (live === null) return []
  // What is in the store was frozen by snapshot/hash.ts.
  const { policies = {} } = JSON.parse(await readSnapshotOf(unit, live)) as Snapshot
  return Object.hasOwn(policies, name) ? [`deployment ${live.number}, live on stage ${stage.name}`] : []
}

function assertPolicy(policy: Policy): void {
  const problems = checkPolicy(policy)
  if (problems.length > 0) throw new Invalid(`The policy "${policy.name}" cannot be saved so.`, problems)
}

async function findPolicy(unit: Unit, service: Service, name: string): Promise<Policy> {
  const policy = await unit.policies.find(service.id, name)
  if (policy === null) throw new NotFound('policy', `${service.name}/${name}`)
  return policy
}

/** A value of a policy that is there. Throws `NotFound` where the policy is not. */
async function findPolicyValue(
  unit: Unit,
  service: Service,
  policy: string,
  value: string,
): Promise<PolicyValue | null> {
  const keys = await unit.policies.keysOf(service.id)
  if (!keys.has(policy)) throw new NotFound('policy', `${service.name}/${policy}`)
  return unit.policies.findValue(service.id, policy, value)
}

/** Why a policy cannot be deleted. */
export function inUse(name: string, uses: readonly string[]): string {
  return `The policy "${name}" is in use: ${listed(uses)}. Take it away there, and deploy what is live with it, first.`
}

const MOST_LISTED = 10

function listed(uses: readonly string[]): string {
  const rest = uses.length - MOST_LISTED
  return rest > 0 ? `${uses.slice(0, MOST_LISTED).join('; ')}; and ${rest} more` : uses.join('; ')
}
