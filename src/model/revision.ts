import { type Static, Type } from '#bundles/typebox'
import { GatewayResponse, type GatewayResponses } from './gateway-response.ts'
import { Id } from './id.ts'
import { Method } from './method.ts'
import { Model } from './model.ts'
import { Resource } from './resource.ts'

/** An immutable copy of a service's draft, made when it is applied to a stage. The design itself is fetched apart. */
export const Revision = Type.Object({
  id: Id,
  serviceId: Id,
  number: Type.Integer({ title: 'Number', description: '1, 2, 3 … within the service.' }),
  hash: Type.String({ title: 'Hash', description: 'SHA-256 of the canonical design: equal designs are one revision.' }),
  author: Type.String({ title: 'Author', description: 'Who applied it first.' }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
})
export type Revision = Static<typeof Revision>

/** What a revision holds: all of the design. */
export const Design = Type.Object({
  resources: Type.Array(Resource),
  methods: Type.Array(Method),
  models: Type.Array(Model),
  gatewayResponses: Type.Unsafe<GatewayResponses>(Type.Record(Type.String(), GatewayResponse)),
})
export type Design = Static<typeof Design>
