import { sameJson } from '../lib/same-json.ts'
import type { Backend } from '../model/backend.ts'
import type { DeploymentSettings } from '../model/deployment.ts'
import type { RestrictionPolicy } from '../plugins/policies.ts'
import type { NodePlugin } from '../plugins/registry.ts'
import { overlayKey } from './check-overlay.ts'
import type { Design } from './design.ts'

/** What is different between two designs, or two stages: field by field, and in words. */

/** One difference. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed'
  /** `/pets`, `GET /pets`, `model Pet`, `gateway response not-found`, `policy tenants`, or `stage` for its settings. */
  readonly node: string
  /** JSON Pointer of the field in its node; empty for the node as a whole. */
  readonly field: string
  readonly before: unknown
  readonly after: unknown
  /** The same as a sentence. */
  readonly text: string
}

/** All that a deployment is made of. */
export interface StageContent {
  readonly design: Design
  readonly settings: DeploymentSettings
  /** The restriction policies that its methods run under, by name. */
  readonly policies?: Readonly<Record<string, RestrictionPolicy>>
}

type Fields = Readonly<Record<string, unknown>>
/** All that can be set of a stage, whatever of it goes into a deployment. */
type StageFields = StageContent['settings'] & Fields

/** What must be done to `before` to make it `after`, in the order of the tree. */
export function diffDesigns(before: Design, after: Design): Change[] {
  if (before === after) return []
  return diffNodes(designNodes(before), designNodes(after))
}

/** What must be done to `before` to make it `after`: the stage's settings first, then its policies, then the tree. */
export function diffStages(before: StageContent, after: StageContent): Change[] {
  return [
    ...diffFields('stage', settingsFields(before.settings), settingsFields(after.settings)),
    ...diffNodes(policyNodes(before.policies), policyNodes(after.policies)),
    ...diffDesigns(before.design, after.design),
  ]
}

/** What must be done to all that can be set of a stage; null where there is none. */
export function diffStageFields(before: StageFields | null, after: StageFields | null): Change[] {
  const fields = (stage: StageFields | null) => (stage === null ? null : { ...stage, ...settingsFields(stage) })
  return diffThing('stage', fields(before), fields(after))
}

/** The same for the fields of anything, which `node` calls. */
export function diffThing(node: string, before: Fields | null, after: Fields | null): Change[] {
  return diffNodes(new Map(before === null ? [] : [[node, before]]), new Map(after === null ? [] : [[node, after]]))
}

/** The nodes of a design by what they are called, each with its fields. Ids are left out: they say nothing to people. */
function designNodes({ resources, methods, models, gatewayResponses }: Design): Map<string, Fields> {
  const pathOf = new Map(resources.map(({ id, path }) => [id, path]))
  return new Map([
    ...resources.map(({ path, description, plugins }): [string, Fields] => [
      path,
      { description, plugins: byName(plugins) },
    ]),
    ...methods.map(({ id: _, resourceId, verb, plugins, ...fields }): [string, Fields] => [
      `${verb} ${pathOf.get(resourceId) ?? ''}`,
      { ...fields, plugins: byName(plugins) },
    ]),
    ...models.map(({ name, ...fields }): [string, Fields] => [`model ${name}`, fields]),
    ...Object.entries(gatewayResponses ?? {}).map(([type, response]): [string, Fields] => [
      `gateway response ${type}`,
      response,
    ]),
  ])
}

function policyNodes(policies: StageContent['policies'] = {}): Map<string, Fields> {
  return new Map(
    Object.entries(policies).map(([name, policy]): [string, Fields] => [`policy ${name}`, policyFields(policy)]),
  )
}

/** A policy with its values by what they are, so that one that is changed is told alone. */
export function policyFields<T extends Pick<RestrictionPolicy, 'values'>>({ values, ...fields }: T): Fields {
  return { ...fields, values: Object.fromEntries(values.map(({ value, ...rest }) => [value, rest])) }
}

function settingsFields({ backend, plugins, overlay, ...others }: StageContent['settings']): Fields {
  return {
    domains: others.domains,
    pathPrefix: others.pathPrefix,
    trailingSlash: others.trailingSlash,
    https: others.https,
    hsts: others.hsts,
    ...backendFields(backend),
    variables: others.variables,
    plugins: byName(plugins),
    overlay: Object.fromEntries(
      overlay.map((node) => [overlayKey(node), { plugins: byName(node.plugins), ...backendFields(node.backend) }]),
    ),
  }
}

/** The targets of a backend, and beside them what else is set of it: a URL could have the name of a setting. */
function backendFields(backend: Backend | null): Fields {
  const { targets: _, ...settings } = backend ?? { targets: [] }
  return {
    backend: byUrl(backend),
    ...(Object.keys(settings).length > 0 && { 'backend settings': settings }),
  }
}

/** One target is its URL; of several each has its weight. */
function byUrl(backend: Backend | null): unknown {
  const [only, ...others] = backend?.targets ?? []
  if (only === undefined) return null
  if (others.length === 0 && only.weight === 1) return only.url
  return Object.fromEntries([only, ...others].map(({ url, weight }) => [url, `weight ${weight}`]))
}

/** The settings of each plugin, and beside them its options: a setting may have the name of an option. */
function byName(plugins: readonly NodePlugin[]): Fields {
  return Object.fromEntries(
    plugins.flatMap((said): [string, unknown][] => {
      if ('off' in said) return [[said.plugin, { off: said.off }]]
      const { plugin, config, when, order, mode } = said
      return [
        [plugin, config],
        ...(when === undefined ? [] : [[`${plugin} when`, when] as [string, unknown]]),
        ...(order === undefined
          ? []
          : [[`${plugin} order`, Object.entries(order).flat().join(' ')] as [string, unknown]]),
        ...(mode === undefined ? [] : [[`${plugin} mode`, mode] as [string, unknown]]),
      ]
    }),
  )
}

function diffNodes(before: ReadonlyMap<string, Fields>, after: ReadonlyMap<string, Fields>): Change[] {
  const nodes = [...new Set([...before.keys(), ...after.keys()])]
  // In a large design nearly all nodes are the same: only the others are put in order.
  const different = nodes.filter((node) => !sameJson(before.get(node), after.get(node))).sort(byPathThenVerb)
  return different.flatMap((node): Change[] => {
    const [old, now] = [before.get(node), after.get(node)]
    if (old === undefined) return [change('added', node, [], undefined, now)]
    if (now === undefined) return [change('removed', node, [], old, undefined)]
    return diffFields(node, old, now)
  })
}

function diffFields(node: string, before: Fields, after: Fields, at: readonly string[] = []): Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((key): Change[] => {
    const [old, now] = [before[key], after[key]]
    const place = [...at, key]
    if (old === undefined) return [change('added', node, place, undefined, now)]
    if (now === undefined) return [change('removed', node, place, old, undefined)]
    if (isRecord(old) && isRecord(now)) return diffFields(node, old, now, place)
    return sameJson(old, now) ? [] : [change('changed', node, place, old, now)]
  })
}

function change(kind: Change['kind'], node: string, place: readonly string[], before: unknown, after: unknown): Change {
  const field = place.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return {
    kind,
    node,
    field,
    before: before ?? null,
    after: after ?? null,
    text: sentence(kind, node, place, before, after),
  }
}

function sentence(
  kind: Change['kind'],
  node: string,
  place: readonly string[],
  before: unknown,
  after: unknown,
): string {
  const what = place.length === 0 ? node : `${node}: ${place.join(' › ')}`
  if (kind === 'changed') return `${what} is ${brief(after)} instead of ${brief(before)}`
  return place.length === 0 || isRecord(after ?? before)
    ? `${what} is ${kind}`
    : `${what} is ${kind}: ${brief(after ?? before)}`
}

const BRIEF_LENGTH = 80

function brief(value: unknown): string {
  const text = value === null || value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > BRIEF_LENGTH ? `${text.slice(0, BRIEF_LENGTH)}…` : text
}

/** Paths in order, each before its methods; before all of them what has no path. */
function byPathThenVerb(a: string, b: string): number {
  const pathOf = (node: string) => (node.includes('/') ? node.slice(node.indexOf('/')) : '')
  const [pathA, pathB] = [pathOf(a), pathOf(b)]
  if (pathA !== pathB) return pathA < pathB ? -1 : 1
  return a < b ? (a.startsWith('/') ? -1 : b.startsWith('/') ? 1 : -1) : 1
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
