import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { NodePlugin } from '../plugins/registry.ts'
import { Backend } from './backend.ts'
import { Id } from './id.ts'
import { Verb } from './method.ts'
import { Nullable } from './nullable.ts'
import { ResourcePath } from './resource.ts'

export const StageName = Type.String({
  title: 'Name',
  description: 'Lower-case letters and digits; unique in its service.',
  pattern: '^[a-z0-9]{1,30}$',
  [EXPECTED]: 'up to 30 lower-case letters and digits',
  examples: ['production'],
})

/** What browsers are told about HTTPS (RFC 6797). */
export const Hsts = Type.Object(
  {
    maxAgeSeconds: Type.Integer({
      title: 'Max age',
      description: 'How long browsers use nothing but HTTPS, in seconds; 0 takes back what they were told.',
      minimum: 0,
      maximum: 157_680_000,
      default: 31_536_000,
      examples: [31_536_000],
    }),
    includeSubDomains: Type.Boolean({
      title: 'Include sub-domains',
      description: 'Whether it holds for all names below as well.',
      default: false,
    }),
    preload: Type.Boolean({
      title: 'Preload',
      description: 'Whether browsers may have it built in: needs sub-domains, and a year.',
      default: false,
    }),
  },
  { additionalProperties: false },
)
export type Hsts = Static<typeof Hsts>

/** What a stage says of a node of its design: it wins over what the design says there. */
export const OverlayNode = Type.Object(
  {
    path: ResourcePath,
    verb: Type.Union([Verb, Type.Null()], { description: 'null: the path, and all below it.' }),
    plugins: Type.Array(NodePlugin, { title: 'Plugins', description: 'Win over those of the design.', default: [] }),
    backend: Nullable(Backend, {
      title: 'Backend',
      description: 'Another backend for this node and all below it; null for none of its own.',
      default: null,
    }),
  },
  { additionalProperties: false },
)
export type OverlayNode = Static<typeof OverlayNode>

/** Where a revision of a service's design runs. */
export const Stage = Type.Object({
  id: Id,
  serviceId: Id,
  name: StageName,
  description: Type.String({
    title: 'Description',
    description: 'What the stage is for.',
    maxLength: 2000,
    default: '',
  }),
  isDefault: Type.Boolean({
    title: 'Default stage',
    description: 'Served as SERVICE.BASE_DOMAIN instead of SERVICE-STAGE.BASE_DOMAIN; one per service.',
    default: false,
  }),
  backend: Nullable(Backend, {
    title: 'Backend',
    description: 'What requests are forwarded to. null: not set yet; methods with a proxy backend cannot be deployed.',
  }),
  domains: Type.Array(
    Type.String({
      pattern: '^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$',
      [EXPECTED]: 'a host name in lower case, with a dot in it',
      examples: ['api.example.com'],
    }),
    {
      title: 'Domains',
      description:
        'Names of your own that the stage is served under; in lower case, international ones as A-labels (xn--…). Each belongs to one stage.',
      default: [],
      maxItems: 100,
    },
  ),
  pathPrefix: Type.Union(
    [
      Type.String({
        pattern: '^/[^/]',
        [EXPECTED]: 'a path that begins with / and goes on',
        maxLength: 100,
        examples: ['/travel'],
      }),
      Type.Null(),
    ],
    {
      title: 'Path prefix',
      description:
        'The stage is also served under this path of the base domain itself: http://BASE_DOMAIN/travel/… Routes, plugins and the backend see the path behind it. null for none.',
      default: null,
    },
  ),
  trailingSlash: Type.Enum(['strict', 'ignore'], {
    title: 'Trailing slash',
    description: '`strict`: a path with a slash at its end is another path; `ignore`: the slash is taken off.',
    default: 'strict',
  }),
  https: Type.Enum(['optional', 'redirect', 'required'], {
    title: 'HTTPS',
    description:
      '`optional`: requests may come by HTTP as well; `redirect`: those are sent to HTTPS (308); `required`: they are refused (403), so that no client keeps sending its credentials in clear.',
    default: 'optional',
  }),
  hsts: Nullable(Hsts, {
    title: 'Strict-Transport-Security',
    description: 'What browsers are told, by each answer over HTTPS, about using nothing else; null for nothing.',
    default: null,
  }),
  variables: Type.Record(Type.String({ pattern: '^[A-Za-z0-9_]{1,64}$' }), Type.String({ maxLength: 2048 }), {
    title: 'Variables',
    description: 'Values that the design refers to as ${stage.variable.NAME}.',
    default: {},
  }),
  plugins: Type.Array(NodePlugin, { title: 'Plugins', description: "Plugins of the stage's root.", default: [] }),
  overlay: Type.Array(OverlayNode, {
    title: 'Overlay',
    description: 'Settings of this stage alone, on nodes of the design.',
    default: [],
  }),
  revisionId: Type.Union([Id, Type.Null()], {
    title: 'Revision',
    description: 'The revision of the design that the stage runs; null until the draft is applied.',
  }),
  deploymentId: Type.Union([Id, Type.Null()], {
    title: 'Live deployment',
    description: 'null until the first deployment is complete.',
  }),
  baseDeploymentId: Type.Union([Id, Type.Null()], {
    title: 'Base deployment',
    description: 'The deployment that the settings of the stage were last deployed as, or restored from.',
  }),
  publicDocument: Type.Boolean({
    title: 'Public API document',
    description: 'Whether everybody may read the API document of what is live. It holds from the moment it is set.',
    default: false,
  }),
  keepDeployments: Type.Integer({
    title: 'Deployments to keep',
    description: 'Older ones are deleted, but never the live one or the base.',
    minimum: 1,
    maximum: 10_000,
    default: 100,
  }),
  version: Type.Integer({ title: 'Version', description: 'Goes up by one with each change; the ETag.' }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
  updatedAt: Type.String({ title: 'Updated', description: 'ISO 8601, UTC.' }),
})
export type Stage = Static<typeof Stage>

/** What of a stage is part of its deployments, beside the design. */
export const deployedFields = [
  'domains',
  'pathPrefix',
  'trailingSlash',
  'https',
  'hsts',
  'backend',
  'variables',
  'plugins',
  'overlay',
] as const satisfies (keyof Stage)[]

/** All of a stage that has a default: the stage that a name alone makes. */
export const stageDefaults = {
  description: '',
  isDefault: false,
  domains: [],
  pathPrefix: null,
  trailingSlash: 'strict',
  https: 'optional',
  hsts: null,
  backend: null,
  variables: {},
  plugins: [],
  overlay: [],
  publicDocument: false,
  keepDeployments: 100,
} satisfies Partial<Stage>
