import { Type } from '#bundles/typebox'
import { applySetup } from '../control/declarative/apply.ts'
import { exportSetup } from '../control/declarative/export.ts'
import { planSetup } from '../control/declarative/plan.ts'
import { setupSchema } from '../control/declarative/schema.ts'
import { toYaml } from '../lib/yaml.ts'
import { Change } from './changes.ts'
import { type Api, type ApiContext, actorOf, may } from './context.ts'

/** Of JSON: some hundred services with all their methods. */
const BODY_LIMIT = 20 * 1024 * 1024

const document = Type.Unknown({
  description: 'The setup, as /api/v1/declarative/schema.json describes it.',
  examples: [{ turnpike: 1, services: { pets: { design: { paths: { '/pets': { methods: { GET: {} } } } } } } }],
})
const options = {
  prune: Type.Boolean({
    description:
      'Whether services, restriction policies, stages, alert rules, plans, keys and certificates that the document does not have are deleted.',
    default: false,
  }),
  deploy: Type.Boolean({
    description:
      'Whether the draft is applied to those stages of the document that do not run it, and they are deployed.',
    default: false,
  }),
}
const PlanRequest = Type.Object({ document, ...options }, { additionalProperties: false })
const ApplyRequest = Type.Object(
  {
    document,
    ...options,
    fingerprint: Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description: 'That of the plan: another one is 409. null applies whatever it is.',
      default: null,
    }),
    note: Type.String({ description: 'Note of the deployments.', maxLength: 2000, default: '' }),
  },
  { additionalProperties: false },
)

const changes = Type.Array(
  Type.Object({
    action: Type.Enum(['create', 'update', 'delete']),
    kind: Type.String({
      description: 'service, path, method, model, gateway response, policy, stage or alert; plan, key or certificate.',
    }),
    service: Type.Union([Type.String(), Type.Null()], {
      description:
        'Name of the service that it belongs to, or is; null for plans, keys and certificates, which are of no service.',
    }),
    name: Type.String({
      description:
        'What it is called within its service, `/pets`, `GET /pets`, `live`, `live/errors`, or among its kind.',
    }),
    differences: Type.Array(Change),
  }),
)
const service = Type.String({ description: 'Name of the service.' })
const stage = Type.String({ description: 'Name of the stage.' })
const SetupPlan = Type.Object({
  changes,
  deployments: Type.Array(Type.Object({ service, stage }), { description: 'Stages that would be deployed.' }),
  fingerprint: Type.String({ description: 'SHA-256 of the plan, for applying just this.' }),
})
const AppliedSetup = Type.Object({
  changes,
  deployments: Type.Array(
    Type.Object({
      service,
      stage,
      number: Type.Union([Type.Integer(), Type.Null()], {
        description: 'Of the deployment; null where there is none.',
      }),
      failure: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed; null otherwise.' }),
    }),
  ),
})

export function declarativeRoutes(api: Api, context: ApiContext): void {
  const { runner, deployer, liveKeys } = context
  api.get(
    '/declarative',
    {
      ...may('read'),
      schema: {
        summary: 'Export the setup as one document',
        description: 'JSON, or YAML for "Accept: application/yaml".',
        tags: ['Declarative'],
        querystring: Type.Object({
          service: Type.Optional(
            Type.Union(
              [Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 }), Type.String({ maxLength: 64 })],
              {
                description: 'Name of a service; may be given several times. Without it, all.',
              },
            ),
          ),
        }),
        response: { 200: Type.Unknown({ description: 'The setup, as /api/v1/declarative/schema.json describes it.' }) },
      },
    },
    async (request, reply) => {
      const given = request.query.service
      const services = given === undefined ? null : [given].flat()
      const setup = await runner.inTransaction(actorOf(request), (unit) => exportSetup(unit, services))
      reply.header('vary', 'Accept')
      if (!wantsYaml(request.headers.accept)) return setup
      return reply.type('application/yaml; charset=utf-8').serializer(String).send(toYaml(setup))
    },
  )

  api.post(
    '/declarative/plan',
    {
      ...may('read'),
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Show what applying a document would do',
        tags: ['Declarative'],
        body: PlanRequest,
        response: { 200: SetupPlan },
      },
    },
    async (request) => {
      const { document, prune, deploy } = request.body
      const { baseDomain } = deployer
      const { capacity: keyCapacity } = liveKeys
      const plan = await runner.inTransaction(actorOf(request), (unit) =>
        planSetup(unit, document, { prune, deploy, baseDomain, keyCapacity }),
      )
      return { ...plan, deployments: plan.deployments.map(({ service, stage }) => ({ service, stage })) }
    },
  )

  api.post(
    '/declarative/apply',
    {
      ...may('write'),
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Apply a document, all of it or nothing',
        description:
          'One transaction. Deployments come after it, each for itself: how each has ended is in the answer.',
        tags: ['Declarative'],
        body: ApplyRequest,
        response: { 200: AppliedSetup },
      },
    },
    (request) => applySetup(context, actorOf(request), request.body),
  )

  api.get(
    '/declarative/schema.json',
    {
      ...may('public'),
      schema: {
        summary: 'The JSON Schema of the document, for editors',
        tags: ['Declarative'],
        response: { 200: Type.Unknown() },
      },
    },
    () => setupSchema,
  )
}

function wantsYaml(accept = ''): boolean {
  const yaml = accept.search(/\byaml\b/i)
  const json = accept.search(/\bjson\b/i)
  return yaml !== -1 && (json === -1 || yaml < json)
}
