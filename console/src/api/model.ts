import type { components } from './schema.ts'

/** The names of the API's own schemas. */
type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKey']
export type ApiToken = Schemas['ApiToken']
export type Deployment = Schemas['Deployment']
export type Method = Schemas['Method']
export type NodePlugin = Schemas['NodePlugin']
export type Plan = Schemas['Plan']
export type PlanStage = Schemas['PlanStage']
export type Policy = Schemas['Policy']
export type ReceivedAnswer = Schemas['ReceivedAnswer']
export type Resource = Schemas['Resource']
export type Service = Schemas['Service']
export type Stage = Schemas['Stage']
export type Subscription = Schemas['Subscription']
export type SubscriptionUsage = Schemas['SubscriptionUsage']
export type User = Schemas['User']
