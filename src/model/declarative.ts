import { Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { AlertName, AlertRule, alertSecretLength } from './alert.ts'
import { CertificateChainText, CertificateKey, CertificateName, IsDefaultCertificate } from './certificate.ts'
import { GatewayResponse, type GatewayResponses, gatewayResponseNames } from './gateway-response.ts'
import { ApiKey, KeyValue, type KeyValues, keyRules } from './key.ts'
import { Method, methodDefaults, type Verb, verbs } from './method.ts'
import { Model, ModelName } from './model.ts'
import { Plan } from './plan.ts'
import { Policy, PolicyName } from './policy.ts'
import { Resource, ResourcePath } from './resource.ts'
import { Service, ServiceName } from './service.ts'
import { OverlayNode, Stage, StageName } from './stage.ts'

/**
 * A whole setup as one document. What things are called are keys, everything else are the fields of the model, each of which
 * may be left out where it has a default: a field that is added to the model is in the document by that.
 */

/** A JSON Schema as it is written. */
export type Schema = Readonly<Record<string, unknown>>

/** What Turnpike sets by itself: no document says it. */
const ownFields = [
  'id',
  'serviceId',
  'resourceId',
  'revisionId',
  'deploymentId',
  'baseDeploymentId',
  'version',
  'createdAt',
  'updatedAt',
  'lastUsedAt',
] as const
type OwnField = (typeof ownFields)[number]

/** The fields of an entity that a document has, without those that its keys say. */
type Fields<Entity, Key extends keyof Entity = never> = Omit<Entity, OwnField | Key>

export type OverlayFields = Omit<OverlayNode, 'path' | 'verb'>
export type AlertFields = AlertRule & {
  /** What messages to the webhook are signed with, in clear or encrypted; null for none. */
  readonly secret: string | null
}
export type StageFields = Fields<Omit<Stage, 'overlay'>, 'name'> & {
  /** By name; without it all alert rules stay as they are. */
  readonly alerts?: Readonly<Record<string, AlertFields>>
  /** By `/pets` for a path and all below it, `GET /pets` for a method. */
  readonly overlay: Readonly<Record<string, OverlayFields>>
}
export type MethodFields = Fields<Method, 'verb'>
export type PathFields = Fields<Resource, 'path'> & {
  readonly methods: Readonly<Partial<Record<Verb, MethodFields>>>
}
export type ModelFields = Fields<Model, 'name'>
export type PolicyFields = Fields<Policy, 'name'>
export interface DesignFields {
  readonly models: Readonly<Record<string, ModelFields>>
  readonly gatewayResponses: GatewayResponses
  readonly paths: Readonly<Record<string, PathFields>>
}
export type ServiceFields = Fields<Service, 'name'> & {
  /** All of the design; without it the design stays as it is. */
  readonly design?: DesignFields
  /** By name; without it all restriction policies stay as they are. */
  readonly policies?: Readonly<Record<string, PolicyFields>>
  /** By name; without it all stages stay as they are. */
  readonly stages?: Readonly<Record<string, StageFields>>
}

export type PlanFields = Fields<Plan, 'name'> & {
  /** Those that it is connected to, as `SERVICE/STAGE`. */
  readonly stages: readonly string[]
}
export type KeyFields = Fields<ApiKey, 'name'> & {
  /** Names of plans by `SERVICE/STAGE`. */
  readonly subscriptions: Readonly<Record<string, string>>
  /** No export has them: only their digests are kept. */
  readonly values?: Partial<KeyValues>
}

export interface CertificateFields {
  readonly chain: string
  /** In clear or encrypted; without it that of the certificate stays. */
  readonly key?: string
  readonly isDefault: boolean
}

/** A document with every default filled in. */
export interface Setup {
  readonly turnpike: 1
  readonly services?: Readonly<Record<string, ServiceFields>>
  readonly plans?: Readonly<Record<string, PlanFields>>
  readonly keys?: Readonly<Record<string, KeyFields>>
  readonly certificates?: Readonly<Record<string, CertificateFields>>
}

/** A stage of any service. */
const stageAddress = {
  description: 'A stage as "SERVICE/STAGE".',
  pattern: '^[^/]+/[^/]+$',
  [EXPECTED]: 'a stage as SERVICE/STAGE',
  maxLength: 64,
} as const

/** The schemas of the things in a document. */
export const setupParts = parts()

/** The kinds of things at the top of a document, each by name. To add one, add its entry, and its code in `control/declarative/kinds.ts`. */
export const setupKinds = {
  services: mapOf(setupParts.service, ServiceName, {
    title: 'Services',
    description: 'By name. Services that are not here stay as they are, unless the setup is applied with "prune".',
  }),
  plans: mapOf(setupParts.plan, Plan.properties.name, {
    title: 'Usage plans',
    description: 'By name. Plans that are not here stay as they are, unless the setup is applied with "prune".',
  }),
  keys: mapOf(setupParts.key, keyNames(), {
    title: 'API keys',
    description: 'By name. Keys that are not here stay as they are, unless the setup is applied with "prune".',
  }),
  certificates: mapOf(setupParts.certificate, CertificateName, {
    title: 'Certificates',
    description: 'By name. Certificates that are not here stay as they are, unless the setup is applied with "prune".',
  }),
} as const satisfies Record<string, Schema>
export type SetupKind = keyof typeof setupKinds

/** The schema of a document. */
export const Setup = Type.Unsafe<Setup>({
  title: 'Turnpike setup',
  description: 'A whole setup of Turnpike as one document, for "turnpike plan" and "turnpike apply".',
  ...objectOf(
    {
      $schema: { type: 'string', title: 'Schema', description: 'For editors; nothing else reads it.' },
      turnpike: { const: 1, title: 'Format', description: 'The version of the format.' },
      ...setupKinds,
    },
    ['turnpike'],
  ),
})

function parts() {
  const method = entityOf(Method, ['verb'], {
    backend: { ...Method.properties.backend, default: methodDefaults.backend },
  })
  const path = entityOf(Resource, ['path'], {
    methods: {
      title: 'Methods',
      description: 'By HTTP method, or ANY.',
      default: {},
      ...objectOf(Object.fromEntries(verbs.map((verb) => [verb, method]))),
    },
  })
  const model = entityOf(Model, ['name'])
  const policy = entityOf(Policy, ['name'])
  const alert = alertSchema()
  const stage = stageSchema(alert)
  const gatewayResponse: Schema = { ...GatewayResponse }
  const service = entityOf(Service, ['name'], {
    design: designSchema(model, path, gatewayResponse),
    policies: mapOf(policy, PolicyName, {
      title: 'Restriction policies',
      description: 'By name. Policies that are not here stay as they are, unless the setup is applied with "prune".',
    }),
    stages: mapOf(stage, StageName, {
      title: 'Stages',
      description: 'By name. Stages that are not here stay as they are, unless the setup is applied with "prune".',
    }),
  })
  return {
    service,
    policy,
    stage,
    alert,
    path,
    method,
    model,
    gatewayResponse,
    plan: planSchema(),
    key: keySchema(),
    certificate: certificateSchema(),
  }
}

function certificateSchema(): Schema {
  return objectOf(
    {
      chain: { ...CertificateChainText },
      key: {
        ...CertificateKey,
        description:
          'In PEM, without a pass phrase; best given by the environment. An export has it encrypted. Where it is left out, that of the certificate stays.',
      },
      isDefault: { ...IsDefaultCertificate },
    },
    ['chain'],
  )
}

function planSchema(): Schema {
  return entityOf(Plan, ['name'], {
    stages: {
      title: 'Stages',
      description: 'What it is connected to, as "SERVICE/STAGE". From stages that are not here it is disconnected.',
      type: 'array',
      items: { type: 'string', ...stageAddress },
      uniqueItems: true,
      default: [],
    },
  })
}

function keySchema(): Schema {
  const value: Schema = { ...KeyValue }
  return entityOf(ApiKey, ['name'], {
    subscriptions: mapOf({ type: 'string', description: 'Name of the usage plan.' }, stageAddress, {
      title: 'Subscriptions',
      description: 'Names of usage plans by "SERVICE/STAGE". Subscriptions that are not here are ended.',
      default: {},
    }),
    values: {
      title: 'Values',
      description:
        'Best given by the environment. A value that is left out stays as it is; that of a new key is made, and nobody is told it.',
      ...objectOf({ primary: value, secondary: value }),
    },
  })
}

/** Beside the name of a thing that is wrong its rule is told: in a document a name is a key, and has no schema of its own. */
function keyNames(): Schema {
  const description = `Up to ${keyRules.nameLength} characters on one line, none of them a space at an end.`
  return { description, pattern: keyRules.name, maxLength: keyRules.nameLength }
}

function designSchema(model: Schema, path: Schema, gatewayResponse: Schema): Schema {
  return {
    title: 'Design',
    description: 'All of the design: what is not here is deleted. Without it the design stays as it is.',
    ...objectOf({
      models: mapOf(model, ModelName, { title: 'Models', description: 'JSON Schemas, by name.', default: {} }),
      gatewayResponses: {
        title: 'Gateway responses',
        description: "Redefined answers of the gateway's own, by type.",
        default: {},
        ...objectOf(Object.fromEntries(gatewayResponseNames.map((name) => [name, gatewayResponse]))),
      },
      paths: mapOf(path, ResourcePath, {
        title: 'Paths',
        description: 'By full path. Those above a path are there by themselves.',
        default: {},
      }),
    }),
  }
}

function alertSchema(): Schema {
  return entityOf(AlertRule, [], {
    secret: {
      type: ['string', 'null'],
      title: 'Secret',
      description: `What messages to the webhook are signed with, ${alertSecretLength.minLength} to ${alertSecretLength.maxLength} characters; best given by the environment. An export has it encrypted.`,
      default: null,
      minLength: alertSecretLength.minLength,
    },
  })
}

function stageSchema(alert: Schema): Schema {
  const node = {
    description: 'A node is a path, for it and all below it; or method and path, such as "GET /pets".',
    pattern: `^(?:(?:${verbs.join('|')}) )?/`,
    [EXPECTED]: 'a path, or a method and a path with a space between them',
    maxLength: 264,
  }
  return entityOf(Stage, ['name'], {
    alerts: mapOf(alert, AlertName, {
      title: 'Alert rules',
      description: 'By name. Rules that are not here stay as they are, unless the setup is applied with "prune".',
    }),
    overlay: mapOf(entityOf(OverlayNode, ['path', 'verb']), node, {
      title: 'Overlay',
      description: 'Settings of this stage alone, on nodes of the design.',
      default: {},
    }),
  })
}

/** An entity of the model as a document has it: without what Turnpike or the keys say, with `others` in the place of its fields. */
function entityOf(
  { properties, required = [] }: { readonly properties: object; readonly required?: readonly string[] },
  keys: readonly string[],
  others: Readonly<Record<string, Schema>> = {},
): Schema {
  const omitted: readonly string[] = [...ownFields, ...keys]
  const own = Object.entries(properties as Record<string, Schema>).filter(([name]) => !omitted.includes(name))
  const fields = { ...Object.fromEntries(own.map(([name, schema]) => [name, withDefault(schema)])), ...others }
  const needed = required.filter((name) => fields[name] !== undefined && !('default' in fields[name]))
  return objectOf(fields, needed)
}

/** What may be null and says nothing else is null where it is left out. */
function withDefault(schema: Schema): Schema {
  const mayBeNull = Array.isArray(schema.type) && schema.type.includes('null')
  return mayBeNull && !('default' in schema) ? { ...schema, default: null } : schema
}

function objectOf(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, required, additionalProperties: false }
}

/** Things by name; what a name may be is told by the schema of names. */
function mapOf(members: Schema, names: object, about: Schema): Schema {
  const { description, pattern, maxLength } = names as Schema
  return {
    type: 'object',
    ...about,
    propertyNames: { description, pattern, ...(maxLength !== undefined && { maxLength }) },
    additionalProperties: members,
  }
}
