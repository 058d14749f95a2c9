import { checkDomainsBeside } from '../../design/check-addresses.ts'
import {
  type PlannedChange,
  planDeletion,
  planService,
  type ServicePlan,
} from '../../design/declarative/plan-service.ts'
import { readAlerts } from '../../design/declarative/read-alerts.ts'
import { readDesign } from '../../design/declarative/read-design.ts'
import { readPolicies } from '../../design/declarative/read-policies.ts'
import type { ReadSetup } from '../../design/declarative/read-setup.ts'
import { readStage } from '../../design/declarative/read-stage.ts'
import { toServiceFields, type WholeService } from '../../design/declarative/write-setup.ts'
import type { Design } from '../../design/design.ts'
import { pointerTo } from '../../lib/json-pointer.ts'
import type { StageAlert } from '../../model/alert.ts'
import type { DesignFields, ServiceFields, Setup, StageFields } from '../../model/declarative.ts'
import { newId } from '../../model/id.ts'
import type { Service } from '../../model/service.ts'
import type { Stage } from '../../model/stage.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { PolicyKeys } from '../../plugins/policies.ts'
import type { StageAddress } from '../../store/stages.ts'
import type { Unit } from '../../store/unit.ts'
import { findRivalries } from '../addresses.ts'
import { readDraft } from '../apply-draft.ts'
import { assertStageFits, checkStage } from '../create-stage.ts'
import { deleteService } from '../delete-service.ts'
import { deleteStage } from '../delete-stage.ts'
import { findService } from '../find.ts'
import { listServices, type ServicePage } from '../list-services.ts'
import { deletePolicy, inUse, usesOnStages } from '../policies.ts'
import { designOf } from '../read-changes.ts'
import type { KindPlan, NamedStage, Outlook, PlanOptions } from './kind.ts'
import { refusalsOf } from './refusals.ts'
import { stagesToDeploy } from './stages-to-deploy.ts'
import { writeService } from './write-service.ts'

/** Services in a setup: what a document makes of them, and how a document has them. */

/** How many services are read at once. */
const PAGE = 1000

/** Services as a document has them. Throws `NotFound` for one that is asked for and not there. */
export async function exportServices(
  unit: Unit,
  names: readonly string[] | null,
): Promise<Readonly<Record<string, ServiceFields>>> {
  const found =
    names === null ? await allServices(unit) : await Promise.all(names.map((name) => findService(unit, name)))
  const fields: [string, ServiceFields][] = []
  for (const service of found) fields.push([service.name, toServiceFields(await readWhole(unit, service))])
  return Object.fromEntries(fields)
}

/** What a document makes of the services. */
export async function planServices(unit: Unit, { setup, isSound }: ReadSetup, options: PlanOptions): Promise<KindPlan> {
  const named = servicesOf(setup)
  const problems: Problem[] = []
  const plans: ServicePlan[] = []
  const deployments: NamedStage[] = []
  for (const [name, fields] of named) {
    const pointer = pointerTo('services', name)
    if (!isSound(pointer)) continue
    const known = await unit.services.findByName(name)
    const before = known === null ? null : await readWhole(unit, known)
    const wanted = await readService(unit, name, fields, before, options)
    problems.push(...wanted.problems)
    if (wanted.problems.length > 0) continue
    const plan = planService(before, wanted.whole)
    problems.push(...(await usedPolicyProblems(unit, plan, pointer)))
    plans.push(plan)
    if (!options.deploy) continue
    const found = await stagesToDeploy(unit, plan.after, Object.keys(fields.stages ?? {}), options.baseDomain, pointer)
    problems.push(...found.problems)
    deployments.push(...found.stages)
  }
  const gone =
    options.prune && setup.services !== undefined
      ? await servicesBut(
          unit,
          named.map(([name]) => name),
        )
      : []
  const spokenOf = new Set([...named.map(([name]) => name), ...gone.map(({ service }) => service.name)])
  const addresses = await unit.stages.addresses()
  problems.push(...addressProblems(addresses, plans, spokenOf, options.baseDomain))
  const changes: PlannedChange[] = [...plans.flatMap((plan) => plan.changes), ...gone.map(planDeletion)]
  return {
    changes: changes.toSorted((a, b) => (serviceOf(a) < serviceOf(b) ? -1 : serviceOf(a) > serviceOf(b) ? 1 : 0)),
    problems,
    deployments,
    outlook: outlookOf(addresses, named, plans, gone),
    async write(unit) {
      for (const plan of plans) await writeService(unit, plan)
    },
    async remove(unit) {
      const stages: Stage[] = []
      for (const { stages: pairs } of plans)
        for (const { before, after } of pairs)
          if (before !== null && after === null) stages.push(await deleteStage(unit, before.serviceId, before.id, null))
      for (const { policies, after } of plans)
        for (const { before, after: kept } of policies)
          if (before !== null && kept === null) await deletePolicy(unit, after.service.id, before.name, null)
      for (const { service } of gone) stages.push(...(await deleteService(unit, service.id, null)))
      return stages.map(({ id }) => id)
    },
  }
}

/**
 * No two stages are reached in the same way, once all of it is done. What the services have now that the document speaks of
 * does not count, not even where something else is wrong with them: it may be what moves.
 */
function addressProblems(
  addresses: readonly StageAddress[],
  plans: readonly ServicePlan[],
  spokenOf: ReadonlySet<string>,
  baseDomain: string,
): Problem[] {
  const others = addresses.filter(({ service }) => !spokenOf.has(service))
  const wanted = plans.flatMap(({ after: { service, stages } }) =>
    stages.map((stage) => ({ ...stage, service: service.name })),
  )
  const pointerOf = ({ service, name }: { service: string; name: string }) =>
    pointerTo('services', service, 'stages', name)
  return [
    ...findRivalries(others, wanted).map(({ stage, message }) => ({ path: pointerOf(stage), message })),
    ...wanted.flatMap((stage) =>
      checkDomainsBeside(stage.domains, baseDomain).map(({ path, message }) => ({
        path: pointerOf(stage) + path,
        message,
      })),
    ),
  ]
}

function serviceOf({ service }: PlannedChange): string {
  return service ?? ''
}

/** The stages that there will be, and those that go. */
function outlookOf(
  addresses: readonly StageAddress[],
  named: readonly [string, ServiceFields][],
  plans: readonly ServicePlan[],
  gone: readonly WholeService[],
): Pick<Outlook, 'stages' | 'goneStages'> {
  const known = new Set([...plans.map(({ after }) => after.service.name), ...gone.map(({ service }) => service.name)])
  const stages = new Map(
    addresses.flatMap(({ id, service, name }): [string, string][] =>
      known.has(service) ? [] : [[`${service}/${name}`, id]],
    ),
  )
  for (const { after } of plans)
    for (const { id, name } of after.stages) stages.set(`${after.service.name}/${name}`, id)
  // Of a service with which something is wrong, nothing is written: that its stages are named is right all the same.
  for (const [service, fields] of named)
    for (const name of known.has(service) ? [] : Object.keys(fields?.stages ?? {})) stages.set(`${service}/${name}`, '')
  const goneStages = [
    ...plans.flatMap(({ stages: pairs, after: { service } }) =>
      pairs.flatMap(({ before, after }) => (before !== null && after === null ? [{ service, stage: before }] : [])),
    ),
    ...gone.flatMap(({ service, stages }) => stages.map((stage) => ({ service, stage }))),
  ].map(({ service, stage }) => ({
    serviceId: service.id,
    stageId: stage.id,
    service: service.name,
    stage: stage.name,
  }))
  return { stages, goneStages }
}

/** Policies that are to go, and that stages still use: in the draft and in overlays they would be missing. */
async function usedPolicyProblems(unit: Unit, { policies, after }: ServicePlan, pointer: string): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { before, after: kept } of policies) {
    if (before === null || kept !== null) continue
    const uses = await usesOnStages(unit, after.stages, before.name)
    if (uses.length > 0)
      problems.push({ path: pointer + pointerTo('policies', before.name), message: inUse(before.name, uses) })
  }
  return problems
}

/** A service with all that belongs to it. */
async function readWhole(unit: Unit, service: Service): Promise<WholeService> {
  const stages = await unit.stages.ofService(service.id)
  const alerts: StageAlert[] = []
  for (const { id } of stages) alerts.push(...(await unit.alerts.list(id)))
  return {
    service,
    design: await readDraft(unit, service),
    policies: await unit.policies.ofService(service.id),
    stages,
    alerts,
  }
}

async function allServices(unit: Unit): Promise<Service[]> {
  const services: Service[] = []
  const all = { search: '', order: 'name', ids: null, limit: PAGE } as const
  for (let after: string | null = ''; after !== null; ) {
    const { items, next }: ServicePage = await listServices(unit, { ...all, after })
    services.push(...items)
    after = next
  }
  return services
}

async function servicesBut(unit: Unit, names: readonly string[]): Promise<WholeService[]> {
  const kept = new Set(names)
  const gone: WholeService[] = []
  for (const service of await allServices(unit)) if (!kept.has(service.name)) gone.push(await readWhole(unit, service))
  return gone
}

/** The service that a document describes, and everything that is wrong with it. Use it only without problems. */
async function readService(
  unit: Unit,
  name: string,
  { design: designFields, policies: policyFields, stages: stageFields, ...fields }: ServiceFields,
  before: WholeService | null,
  options: PlanOptions,
): Promise<{ whole: WholeService; problems: Problem[] }> {
  const service = { ...(before?.service ?? newService(name)), ...fields }
  const pointer = pointerTo('services', name, 'policies')
  const { policies, problems } = readPolicies(policyFields, before?.policies ?? [], { prune: options.prune, pointer })
  const keys = new Map(policies.map(({ name, key }) => [name, key]))
  const { design, problems: inDesign } = readDraftOf(unit, service, designFields, { before, policies: keys })
  const stages = await readStages(unit, service, stageFields, { ...options, design, policies: keys, before })
  const alerts = stages.stages.map(({ id, name: stage }) =>
    readAlerts(stageFields?.[stage]?.alerts, before?.alerts.filter(({ stageId }) => stageId === id) ?? [], {
      stageId: id,
      prune: options.prune,
      pointer: pointerTo('services', name, 'stages', stage, 'alerts'),
      vault: unit.vault,
    }),
  )
  return {
    whole: { service, design, policies, stages: stages.stages, alerts: alerts.flatMap((one) => one.alerts) },
    problems: [...problems, ...inDesign, ...stages.problems, ...alerts.flatMap((one) => one.problems)],
  }
}

function newService(name: string): Omit<Service, 'description'> {
  const now = new Date().toISOString()
  return { id: newId(), name, version: 1, createdAt: now, updatedAt: now }
}

const emptyDesign: DesignFields = { models: {}, gatewayResponses: {}, paths: {} }

/** The design that a service is to have: that of the document, else the one that it has. */
function readDraftOf(
  { vault }: Unit,
  { id: serviceId, name }: Service,
  fields: DesignFields | undefined,
  { before, policies }: { before: WholeService | null; policies: PolicyKeys },
): { design: Design; problems: Problem[] } {
  if (fields === undefined && before !== null) return { design: before.design, problems: [] }
  return readDesign(fields ?? emptyDesign, {
    serviceId,
    before: before?.design ?? { resources: [], methods: [], models: [], gatewayResponses: {} },
    pointer: pointerTo('services', name, 'design'),
    vault,
    policies,
    newId,
  })
}

/** The stages that a service is to have: those of the document, and those that it does not name where nothing is pruned. */
async function readStages(
  unit: Unit,
  service: Service,
  fields: Readonly<Record<string, StageFields>> | undefined,
  {
    design,
    policies,
    before,
    prune,
    deploy,
  }: { design: Design; policies: PolicyKeys; before: WholeService | null } & PlanOptions,
): Promise<{ stages: Stage[]; problems: Problem[] }> {
  const there = before?.stages ?? []
  if (fields === undefined) return { stages: [...there], problems: [] }
  const problems: Problem[] = []
  const described: Stage[] = []
  for (const [name, one] of Object.entries(fields)) {
    const old = there.find((stage) => stage.name === name) ?? null
    const read = readStage(one, {
      name,
      serviceId: service.id,
      before: old,
      design: deploy || old === null ? design : both(design, await designOf(unit, old)),
      pointer: pointerTo('services', service.name, 'stages', name),
      vault: unit.vault,
      policies,
      now: new Date().toISOString(),
      newId,
    })
    problems.push(...read.problems)
    described.push(read.stage)
  }
  const stages = [...described, ...(prune ? [] : there.filter(({ name }) => !Object.hasOwn(fields, name)))]
  const checked = described.map((stage) => checkAmong(unit, service, stage, stages))
  problems.push(...checked.flatMap((one) => one.problems))
  return { stages: [...checked.map(({ stage }) => stage), ...stages.slice(described.length)], problems }
}

/** Nodes of which an overlay may speak before the draft is applied: those of the draft, and those that the stage runs. */
function both(draft: Design, running: Design): Design {
  return {
    ...draft,
    resources: [...draft.resources, ...running.resources],
    methods: [...draft.methods, ...running.methods],
  }
}

/** A stage with the defaults of its plugins filled in, checked by the rules for stages and beside the others. */
function checkAmong(
  unit: Unit,
  service: Service,
  stage: Stage,
  all: readonly Stage[],
): { stage: Stage; problems: Problem[] } {
  const others = all.filter((other) => other !== stage)
  const problems = refusalsOf(() => assertStageFits(others, stage))
  let checked: Pick<Stage, 'backend' | 'plugins'> = stage
  problems.push(
    ...refusalsOf(() => {
      checked = checkStage(unit, stage)
    }),
  )
  const pointer = pointerTo('services', service.name, 'stages', stage.name)
  return {
    stage: { ...stage, backend: checked.backend, plugins: checked.plugins },
    problems: problems.map(({ path, message }) => ({ path: pointer + path, message })),
  }
}

/** The services of a document; none where they have not the form of services, which is told elsewhere. */
function servicesOf({ services }: Setup): [string, ServiceFields][] {
  return typeof services === 'object' && services !== null ? Object.entries(services) : []
}
