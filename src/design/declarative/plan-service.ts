import { canonicalJson } from '../../lib/canonical-json.ts'
import type { StageAlert } from '../../model/alert.ts'
import { type Schema, setupParts } from '../../model/declarative.ts'
import type { GatewayResponse, GatewayResponses } from '../../model/gateway-response.ts'
import type { Method } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'
import type { Policy } from '../../model/policy.ts'
import type { Resource } from '../../model/resource.ts'
import type { Service } from '../../model/service.ts'
import type { Stage } from '../../model/stage.ts'
import { type Change, diffDesigns, diffStageFields, diffThing, policyFields } from '../changes.ts'
import { type Design, inOrder } from '../design.ts'
import { alertDifferences, toAlertFields } from './plan-alert.ts'
import { tidy } from './tidy.ts'
import { toStageFields, type WholeService } from './write-setup.ts'

/** A thing as it is and as it is to be; null where it is not there. */
export interface Pair<T> {
  readonly before: T | null
  readonly after: T | null
}

/** One change of a setup, for people. */
export interface PlannedChange {
  readonly action: 'create' | 'update' | 'delete'
  /** `service`, `path`, `method`, `model`, `gateway response`, `policy`, `stage` or `alert`; `plan`, `key` or `certificate`. */
  readonly kind: string
  /** The service that it belongs to, or is; null for plans, keys and certificates, which are of no service. */
  readonly service: string | null
  /** What it is called within its service, `/pets`, `GET /pets`, `live`, `live/errors`, or among its kind. */
  readonly name: string
  /** Field by field, and in words. */
  readonly differences: Change[]
}

/** What is to be done to one service: the pairs are written, and the changes tell of them. */
export interface ServicePlan {
  readonly service: Pair<Service> | null
  readonly resources: readonly Pair<Resource>[]
  readonly methods: readonly Pair<Method>[]
  readonly models: readonly Pair<Model>[]
  readonly gatewayResponses: Pair<GatewayResponses> | null
  readonly policies: readonly Pair<Policy>[]
  readonly stages: readonly Pair<Stage>[]
  /** Those of stages that go are not here: they go with them. */
  readonly alerts: readonly Pair<StageAlert>[]
  readonly changes: readonly PlannedChange[]
  /** The service as it will be. */
  readonly after: WholeService
}

/** A gateway response with its type, as the things that are compared have their names. */
interface TypedResponse {
  readonly type: string
  readonly response: GatewayResponse
}

const noDesign: Design = { resources: [], methods: [], models: [], gatewayResponses: {} }

/**
 * Compares a service with what it is to be; `before` is null for one that is to be made. What is the same in a document is
 * the same, so that whatever was written by hand, imported or left out, a document that was exported changes nothing.
 */
export function planService(before: WholeService | null, wanted: WholeService): ServicePlan {
  const old = before?.design ?? noDesign
  const byId = ({ id }: { readonly id: string }) => id
  const byName = ({ name }: { readonly name: string }) => name
  const resources = compare(old.resources, wanted.design.resources, byId, written(setupParts.path))
  const methods = compare(old.methods, wanted.design.methods, byId, written(setupParts.method))
  const models = compare(old.models, wanted.design.models, byName, written(setupParts.model))
  const responses = compare(
    typed(old.gatewayResponses),
    typed(wanted.design.gatewayResponses),
    ({ type }) => type,
    ({ response }) => written(setupParts.gatewayResponse)(response),
  )
  const policies = compare(before?.policies ?? [], wanted.policies, byName, written(setupParts.policy))
  const stages = compare(before?.stages ?? [], wanted.stages, byName, (stage) =>
    written(setupParts.stage)(toStageFields(stage)),
  )
  const kept = new Set(wanted.stages.map(({ id }) => id))
  const alerts = compare(
    before?.alerts.filter(({ stageId }) => kept.has(stageId)) ?? [],
    wanted.alerts,
    ({ stageId, name }) => `${stageId}/${name}`,
    (alert) => written(setupParts.alert)(toAlertFields(alert)),
  )
  const service = compare(
    before === null ? [] : [before.service],
    [wanted.service],
    byName,
    written(setupParts.service),
  )
  const design = inOrder({
    resources: resources.after,
    methods: methods.after,
    models: models.after,
    gatewayResponses: Object.fromEntries(responses.after.map(({ type, response }) => [type, response])),
  })
  const after: WholeService = {
    service: service.after[0] ?? wanted.service,
    design,
    policies: policies.after,
    stages: stages.after,
    alerts: alerts.after,
  }
  const alertName = alertNames(after.stages)
  return {
    service: service.pairs[0] ?? null,
    resources: resources.pairs,
    methods: methods.pairs,
    models: models.pairs,
    gatewayResponses:
      responses.pairs.length === 0 ? null : { before: old.gatewayResponses, after: design.gatewayResponses },
    policies: policies.pairs,
    stages: stages.pairs,
    alerts: alerts.pairs,
    changes: [
      ...service.pairs.map((pair) => told(after, pair, 'service', wanted.service.name, serviceDifferences(pair))),
      ...designChanges(after, old, [
        ...resources.pairs.filter((pair) => !isBareRoot(pair)).map((pair) => nodeOf(pair, 'path', ({ path }) => path)),
        ...methods.pairs.map((pair) => nodeOf(pair, 'method', methodNames(old, design))),
        ...models.pairs.map((pair) => nodeOf(pair, 'model', byName)),
        ...responses.pairs.map((pair) => nodeOf(pair, 'gateway response', ({ type }) => type)),
      ]),
      ...policies.pairs.map((pair) =>
        told(after, pair, 'policy', (pair.after ?? pair.before)?.name ?? '', policyDifferences(pair)),
      ),
      ...stages.pairs.map((pair) =>
        told(after, pair, 'stage', (pair.after ?? pair.before)?.name ?? '', stageDifferences(pair)),
      ),
      ...alerts.pairs.map((pair) => {
        const name = alertName(pair.after ?? pair.before)
        return told(after, pair, 'alert', name, alertDifferences(name, pair.before, pair.after))
      }),
    ],
    after,
  }
}

/** What a service's deletion is to people: all of it goes. */
export function planDeletion({ service, stages }: WholeService): PlannedChange {
  const { description, name } = service
  const before = { description, stages: stages.map((stage) => stage.name) }
  return { action: 'delete', kind: 'service', service: name, name, differences: diffThing('service', before, null) }
}

/** The text that two equal things have in common. */
function written(schema: Schema): (value: unknown) => string {
  return (value) => canonicalJson(tidy(value, schema))
}

/** What is different, and the things as they will be: those that stay are those that are there. */
function compare<T>(
  before: readonly T[],
  wanted: readonly T[],
  keyOf: (thing: T) => string,
  textOf: (thing: T) => string,
): { pairs: Pair<T>[]; after: T[] } {
  const known = new Map(before.map((thing) => [keyOf(thing), thing]))
  const kept = new Set(wanted.map(keyOf))
  const gone = before.filter((thing) => !kept.has(keyOf(thing)))
  const compared = wanted.map((thing): { pair: Pair<T> | null; after: T } => {
    const old = known.get(keyOf(thing))
    if (old === undefined) return { pair: { before: null, after: thing }, after: thing }
    if (textOf(old) === textOf(thing)) return { pair: null, after: old }
    return { pair: { before: old, after: thing }, after: thing }
  })
  return {
    pairs: [...gone.map((thing) => ({ before: thing, after: null })), ...compared.flatMap(({ pair }) => pair ?? [])],
    after: compared.map(({ after }) => after),
  }
}

function typed(responses: GatewayResponses): TypedResponse[] {
  return Object.entries(responses).map(([type, response]) => ({ type, response }))
}

/** Every service has a root: that it comes with a new one is nothing to tell. */
function isBareRoot({ before, after }: Pair<Resource>): boolean {
  return before === null && after?.path === '/' && after.description === '' && after.plugins.length === 0
}

/** A pair of a design with what it is called. */
interface NodePair {
  readonly pair: Pair<unknown>
  readonly kind: string
  readonly name: string
}

function nodeOf<T>(pair: Pair<T>, kind: string, nameOf: (thing: T) => string): NodePair {
  const thing = pair.after ?? pair.before
  return { pair, kind, name: thing === null ? '' : nameOf(thing) }
}

function methodNames(...designs: readonly Design[]): (method: Method) => string {
  const paths = new Map(designs.flatMap(({ resources }) => resources.map(({ id, path }) => [id, path])))
  return ({ verb, resourceId }) => `${verb} ${paths.get(resourceId) ?? ''}`
}

/** What rules are called within a service: `live/errors`. */
function alertNames(stages: readonly Stage[]): (alert: StageAlert | null) => string {
  const names = new Map(stages.map(({ id, name }) => [id, name]))
  return (alert) => (alert === null ? '' : `${names.get(alert.stageId) ?? ''}/${alert.name}`)
}

/** The changes of a design, in the order of its tree. */
function designChanges(after: WholeService, before: Design, pairs: readonly NodePair[]): PlannedChange[] {
  if (pairs.length === 0) return []
  const byNode = Map.groupBy(diffDesigns(before, after.design), ({ node }) => node)
  const order = new Map([...byNode.keys()].map((node, place) => [node, place]))
  const placeOf = (pair: NodePair) => order.get(labelOf(pair)) ?? order.size
  return pairs
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((one) => told(after, one.pair, one.kind, one.name, byNode.get(labelOf(one)) ?? []))
}

/** What `changes.ts` calls a node. */
function labelOf({ kind, name }: NodePair): string {
  return kind === 'path' || kind === 'method' ? name : `${kind} ${name}`
}

function serviceDifferences({ before, after }: Pair<Service>): Change[] {
  return diffThing('service', before && describable(before), after && describable(after))
}

function policyDifferences({ before, after }: Pair<Policy>): Change[] {
  const node = `policy ${(after ?? before)?.name ?? ''}`
  return diffThing(node, before && policyFields(before), after && policyFields(after))
}

function stageDifferences({ before, after }: Pair<Stage>): Change[] {
  return diffStageFields(before && settable(before), after && settable(after))
}

/** A service without what Turnpike sets by itself. */
function describable({ id, version, createdAt, updatedAt, ...service }: Service) {
  return service
}

/** A stage without what Turnpike sets by itself. */
function settable({
  id: _id,
  serviceId,
  revisionId,
  deploymentId,
  baseDeploymentId,
  version,
  createdAt,
  updatedAt,
  ...stage
}: Stage) {
  return stage
}

function told(
  { service }: WholeService,
  { before, after }: Pair<unknown>,
  kind: string,
  name: string,
  differences: Change[],
): PlannedChange {
  const action = before === null ? 'create' : after === null ? 'delete' : 'update'
  return {
    action,
    kind,
    service: service.name,
    name,
    differences: differences.length > 0 ? differences : [reordered(name)],
  }
}

/** What is different and yet equal field by field: the order of plugins, say. */
function reordered(node: string): Change {
  return {
    kind: 'changed',
    node,
    field: '',
    before: null,
    after: null,
    text: `${node}: the order of its parts is changed`,
  }
}
