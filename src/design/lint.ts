import { parseTemplate } from '../lib/template.ts'
import type { Finding } from '../model/lint.ts'
import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { OverlayNode, Stage } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import type { NodePlugin } from '../plugins/registry.ts'
import { checkBackend, checkMethodBackend } from './check-backend.ts'
import { expiredCertificates } from './check-backend-settings.ts'
import { checkInterface } from './check-interface.ts'
import { checkModel } from './check-models.ts'
import { overlayKey } from './check-overlay.ts'
import { checkAttachments } from './check-plugins.ts'
import type { Design } from './design.ts'
import { EffectiveBackends } from './effective.ts'
import { lintRoutes } from './lint-routes.ts'
import { usesOfMethod, usesOfModels } from './model-references.ts'
import { ancestors, pathVariables } from './paths.ts'

/** What a stage adds to what can be wrong. */
export type LintedStage = Pick<Stage, 'backend' | 'overlay' | 'plugins' | 'variables'>

/** What the rules look at. */
interface Subject {
  readonly design: Design
  /** Null for the design alone. */
  readonly stage: LintedStage | null
  readonly paths: ReadonlyMap<string, string>
  readonly models: ReadonlySet<string>
  readonly policies: PolicyKeys | undefined
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

type Rule = (subject: Subject) => Finding[]

/** Every rule. To add one, add its line. */
const rules: readonly Rule[] = [
  brokenPlugins,
  brokenMethods,
  brokenModels,
  ({ design }) => lintRoutes(design),
  brokenBackends,
  missingBackends,
  unsetVariables,
  uselessSwitches,
  lostOverlay,
  unusedModels,
  sharedOperationIds,
  emptyPaths,
  ({ design, paths }) => design.methods.flatMap((method) => lintMethod(method, pathOf(paths, method))),
]

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'info']

/** All findings about a design, and about a stage that runs it: errors first, then as they stand in the tree. Without the keys of the policies nothing is said of those. */
export function lint(
  design: Design,
  stage: LintedStage | null,
  policies?: PolicyKeys,
  now: number = Date.now(),
): Finding[] {
  const paths = new Map(design.resources.map(({ id, path }) => [id, path]))
  const models = new Set(design.models.map(({ name }) => name))
  const findings = rules.flatMap((rule) => rule({ design, stage, paths, models, policies, now }))
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity)
  return findings.sort((a, b) => rank(a) - rank(b) || compare(a.node, b.node))
}

/** What can be said of a method by itself: what a save can tell at once, however large the design is. */
export function lintMethod(method: Method, path: string): Finding[] {
  const { verb, backend, requestBody } = method
  const node = `${verb} ${path}`
  const unused = pathVariables(path).filter(
    (variable) =>
      backend.kind === 'http' && backend.path !== undefined && !backend.path.includes(`{request.path.${variable}}`),
  )
  return [
    ...unused.map((variable) =>
      warning(
        'unused-path-variable',
        node,
        '/backend/path',
        `The backend path does not use {${variable}}: all its values go to the same place.`,
      ),
    ),
    ...(requestBody !== null && (verb === 'GET' || verb === 'HEAD')
      ? [
          warning(
            'body-without-meaning',
            node,
            '/requestBody',
            `A body of ${verb} has no meaning (RFC 9110, section 9.3.1): use POST, or parameters.`,
          ),
        ]
      : []),
  ]
}

function brokenPlugins({ design, stage, policies }: Subject): Finding[] {
  const check = (plugins: readonly NodePlugin[], node: string, path: string, place: 'stage' | 'path' | 'method') =>
    plugins.length === 0
      ? []
      : errors(
          'invalid-plugin',
          node,
          checkAttachments(plugins, {
            place,
            pathVariables: pathVariables(path),
            pointer: '/plugins',
            vault: null,
            policies,
          }).problems,
        )
  return [
    ...design.resources.flatMap(({ path, plugins }) => check(plugins, path, path, 'path')),
    ...(stage === null ? [] : check(stage.plugins, 'stage', '/', 'stage')),
    ...(stage?.overlay ?? []).flatMap((one) =>
      check(one.plugins, overlayKey(one), one.path, one.verb === null ? 'path' : 'method'),
    ),
  ]
}

function brokenMethods({ design, paths, models, policies }: Subject): Finding[] {
  return design.methods.flatMap((method) => {
    const path = pathOf(paths, method)
    const node = `${method.verb} ${path}`
    const variables = pathVariables(path)
    const site = { place: 'method', pathVariables: variables, pointer: '/plugins', vault: null, policies } as const
    return [
      ...errors('invalid-interface', node, checkInterface(method, path, models)),
      ...errors('invalid-backend', node, checkMethodBackend(method.backend, variables, '/backend')),
      ...errors(
        'invalid-plugin',
        node,
        method.plugins.length === 0 ? [] : checkAttachments(method.plugins, site).problems,
      ),
    ]
  })
}

function brokenModels({ design, models }: Subject): Finding[] {
  return design.models.flatMap((model) => errors('invalid-model', `model ${model.name}`, checkModel(model, models)))
}

/** What was right when it was saved, and is so no longer; and what lets anybody be a target. */
function brokenBackends({ stage, now }: Subject): Finding[] {
  if (stage === null) return []
  const nodes = [
    { node: 'stage', backend: stage.backend },
    ...stage.overlay.map((one) => ({ node: overlayKey(one), backend: one.backend })),
  ]
  return nodes.flatMap(({ node, backend }) => {
    if (backend === null) return []
    const { tls } = backend
    return [
      ...errors('invalid-backend', node, checkBackend(backend, '/backend', null).problems),
      ...expiredCertificates(tls, now).map(({ path, message }) =>
        warning('expired-certificate', node, `/backend${path}`, message),
      ),
      ...(tls?.verify === false
        ? [
            warning(
              'unverified-backend',
              node,
              '/backend/tls/verify',
              'The certificates of the targets are not verified, so that anybody on the way can answer for them: give their CA with "ca".',
            ),
          ]
        : []),
    ]
  })
}

function missingBackends({ design, stage, paths }: Subject): Finding[] {
  if (stage === null) return []
  const backends = new EffectiveBackends(stage)
  const mocked = mockedPaths(design.resources, stage)
  return design.methods.flatMap((method) => {
    const path = pathOf(paths, method)
    if (method.backend.kind !== 'http' || backends.of({ path }, method) !== null) return []
    if (mocked(path) || method.plugins.some(answers)) return []
    return [
      error(
        'no-backend',
        `${method.verb} ${path}`,
        '/backend',
        'The stage has no backend for it: set one, or give the method a mock backend.',
      ),
    ]
  })
}

/** Plugins that answer themselves, so that no backend is needed. */
function answers(plugin: NodePlugin): boolean {
  return !('off' in plugin) && (plugin.plugin === 'mock' || plugin.plugin === 'redirect')
}

function mockedPaths(resources: readonly Resource[], stage: LintedStage): (path: string) => boolean {
  const answering = new Set([
    ...resources.filter(({ plugins }) => plugins.some(answers)).map(({ path }) => path),
    ...stage.overlay.filter(({ plugins }) => plugins.some(answers)).map(({ path }) => path),
    ...(stage.plugins.some(answers) ? ['/'] : []),
  ])
  return (path) => answering.size > 0 && [...ancestors(path), path].some((at) => answering.has(at))
}

function unsetVariables({ design, stage, paths }: Subject): Finding[] {
  if (stage === null) return []
  const places: [node: string, field: string, value: unknown][] = [
    ...design.resources.map(({ path, plugins }): [string, string, unknown] => [path, '/plugins', plugins]),
    ...design.methods.flatMap((method): [string, string, unknown][] => {
      const node = `${method.verb} ${pathOf(paths, method)}`
      return [
        [node, '/backend', method.backend],
        [node, '/plugins', method.plugins],
      ]
    }),
    ...Object.entries(design.gatewayResponses).map(([type, response]): [string, string, unknown] => [
      `gateway response ${type}`,
      '',
      response,
    ]),
    ['stage', '/plugins', stage.plugins],
    ...stage.overlay.map((one): [string, string, unknown] => [overlayKey(one), '/plugins', one.plugins]),
  ]
  return places.flatMap(([node, field, value]) =>
    stageVariablesIn(value, field)
      .filter(({ name }) => !Object.hasOwn(stage.variables, name))
      .map(({ name, pointer }) => {
        const message = `The stage does not set the variable "${name}": the text would stay as it is written.`
        return field === '/backend'
          ? error('unset-stage-variable', node, pointer, message)
          : warning('unset-stage-variable', node, pointer, message)
      }),
  )
}

const STAGE_VARIABLE = 'stage.variable.'

/** The stage variables that the texts in a value refer to without saying what holds where they are not set. */
function stageVariablesIn(value: unknown, pointer: string): { name: string; pointer: string }[] {
  if (typeof value === 'string') {
    if (!value.includes(STAGE_VARIABLE)) return []
    return parseTemplate(value).flatMap((part) =>
      part.kind === 'variable' && part.name.startsWith(STAGE_VARIABLE) && !part.emptyWhenUnset
        ? [{ name: part.name.slice(STAGE_VARIABLE.length), pointer }]
        : [],
    )
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    stageVariablesIn(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

function uselessSwitches({ design, stage, paths }: Subject): Finding[] {
  const nodes: { node: string; path: string; plugins: readonly NodePlugin[] }[] = [
    ...design.resources.map(({ path, plugins }) => ({ node: path, path, plugins })),
    ...design.methods.map((method) => {
      const path = pathOf(paths, method)
      return { node: `${method.verb} ${path}`, path, plugins: method.plugins }
    }),
    ...(stage?.overlay ?? []).map((one) => ({ node: overlayKey(one), path: one.path, plugins: one.plugins })),
  ]
  const attached = new Set([
    ...(stage?.plugins ?? []).map(({ plugin }) => `/ ${plugin}`),
    ...nodes.flatMap(({ path, plugins }) => plugins.flatMap((one) => ('off' in one ? [] : [`${path} ${one.plugin}`]))),
  ])
  return nodes.flatMap(({ node, path, plugins }) =>
    plugins.flatMap((one, i) =>
      'off' in one && ![...ancestors(path), path].some((at) => attached.has(`${at} ${one.plugin}`))
        ? [
            warning(
              'useless-switch',
              node,
              `/plugins/${i}`,
              `"${one.plugin}" is switched off, but is not attached above${stage === null ? ' (a stage may do so)' : ''}: remove it.`,
            ),
          ]
        : [],
    ),
  )
}

function lostOverlay({ design, stage, paths }: Subject): Finding[] {
  if (stage === null || stage.overlay.length === 0) return []
  const nodes = new Set([
    ...paths.values(),
    ...design.methods.map((method) => `${method.verb} ${pathOf(paths, method)}`),
  ])
  return stage.overlay.flatMap((one: OverlayNode, i) =>
    nodes.has(overlayKey(one))
      ? []
      : [
          warning(
            'lost-overlay',
            'stage',
            `/overlay/${i}`,
            `"${overlayKey(one)}" is not in the design: applying it drops these settings.`,
          ),
        ],
  )
}

function unusedModels({ design }: Subject): Finding[] {
  const used = new Set([
    ...usesOfModels(design.models).flatMap(({ model, by }) => (by === `model ${model}` ? [] : [model])),
    ...design.methods.flatMap((method) => usesOfMethod(method, '').map(({ model }) => model)),
  ])
  return design.models.flatMap(({ name }) =>
    used.has(name)
      ? []
      : [
          warning(
            'unused-model',
            `model ${name}`,
            '',
            'No method and no other model refers to it: delete it, or use it.',
          ),
        ],
  )
}

function sharedOperationIds({ design, paths }: Subject): Finding[] {
  const named = design.methods.filter(({ operationId }) => operationId !== '')
  return [...Map.groupBy(named, ({ operationId }) => operationId)].flatMap(([operationId, [first, ...others]]) =>
    others.map((method) =>
      warning(
        'shared-operation-id',
        `${method.verb} ${pathOf(paths, method)}`,
        '/operationId',
        `"${operationId}" is also that of ${first?.verb} ${first === undefined ? '' : pathOf(paths, first)}: generated clients need one for each.`,
      ),
    ),
  )
}

function emptyPaths({ design }: Subject): Finding[] {
  const withMethods = new Set(design.methods.map(({ resourceId }) => resourceId))
  const parents = new Set(design.resources.flatMap(({ path }) => ancestors(path).at(-1) ?? []))
  return design.resources.flatMap(({ id, path }) =>
    path === '/' || withMethods.has(id) || parents.has(path)
      ? []
      : [warning('empty-path', path, '', 'It has no method and nothing below it: add one, or delete it.')],
  )
}

function errors(code: string, node: string, problems: readonly Problem[]): Finding[] {
  return problems.map(({ path, message }) => error(code, node, path, message))
}

function error(code: string, node: string, field: string, message: string): Finding {
  return { code, severity: 'error', node, field, message, sample: null }
}

function warning(code: string, node: string, field: string, message: string): Finding {
  return { code, severity: 'warning', node, field, message, sample: null }
}

function pathOf(paths: ReadonlyMap<string, string>, { resourceId }: Pick<Method, 'resourceId'>): string {
  return paths.get(resourceId) ?? ''
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
