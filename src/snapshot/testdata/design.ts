import type { GatewayResponses } from '../../model/gateway-response.ts'
import { singleTarget } from '../../model/backend.ts'
import { type Method, methodDefaults } from '../../model/method.ts'
import type { Policy } from '../../model/policy.ts'
import { type Stage, stageDefaults } from '../../model/stage.ts'
import type { Attachment } from '../../plugins/registry.ts'
import type { CompileInput } from '../compile.ts'

/** The input of a golden pair, as short as it can be: ids are the paths, and what is left out has its default. */
export interface ShortDesign {
  readonly service: string
  readonly stage: Partial<Stage>
  readonly gatewayResponses?: GatewayResponses
  readonly policies?: readonly Policy[]
  readonly paths: Readonly<Record<string, { readonly plugins?: Attachment[] } & { readonly [verb: string]: Partial<Method> }>>
}

/** The whole input of the compiler. */
export function newDesign({ service, stage, paths, policies = [], gatewayResponses = {} }: ShortDesign): CompileInput {
  const defaults: Stage = {
    id: 'stage',
    serviceId: 'service',
    name: 'live',
    ...stageDefaults,
    isDefault: true,
    backend: singleTarget('http://backend:3000'),
    revisionId: null,
    deploymentId: null,
    baseDeploymentId: null,
    version: 1,
    createdAt: '',
    updatedAt: '',
  }
  const resources = Object.entries(paths).map(([path, { plugins = [] }]) => ({ id: path, serviceId: 'service', path, description: '', plugins }))
  const methods = Object.entries(paths).flatMap(([path, { plugins, ...verbs }]) =>
    Object.entries(verbs).map(
      ([verb, method]): Method => ({
        id: `${verb} ${path}`,
        resourceId: path,
        // The golden files are ours: their verbs are verbs.
        verb: verb as Method['verb'],
        ...methodDefaults,
        ...method,
      }),
    ),
  )
  return { service: { name: service }, stage: { ...defaults, ...stage }, design: { resources, methods, models: [], gatewayResponses }, policies, baseDomain: 'localhost' }
}
