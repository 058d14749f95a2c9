import type { components } from './schema.ts'

/** The names of the API's own schemas. */
type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKey']
export type Deployment = Schemas['Deployment']
export type GatewayResponse = Schemas['GatewayResponse']
export type Method = Schemas['Method']
export type Model = Schemas['Model']
export type NodePlugin = Schemas['NodePlugin']
export type Plan = Schemas['Plan']
export type Policy = Schemas['Policy']
export type ReceivedAnswer = Schemas['ReceivedAnswer']
export type PolicyValue = Schemas['PolicyValue']
export type Resource = Schemas['Resource']
export type Service = Schemas['Service']
export type Stage = Schemas['Stage']
export type User = Schemas['User']
