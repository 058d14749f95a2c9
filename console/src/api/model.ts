import type { components, paths } from './schema.ts'

/** The names of the API's own schemas. */
type Schemas = components['schemas']
/** What a path answers when it is read. */
type Read<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never

export type ApiKey = Schemas['ApiKey']
export type BackendStates = Read<'/api/v1/services/{serviceId}/stages/{stageId}/backends'>
export type CanaryWithSides = Read<'/api/v1/services/{serviceId}/stages/{stageId}/canary'>
export type Certificates = Read<'/api/v1/certificates'>
export type Change = Read<'/api/v1/services/{serviceId}/stages/{stageId}/changes'>['draft'][number]
export type Deployment = Schemas['Deployment']
export type Explanation = Schemas['Explanation']
export type Method = Schemas['Method']
export type NodePlugin = Schemas['NodePlugin']
export type Plan = Schemas['Plan']
export type Policy = Schemas['Policy']
export type Resource = Schemas['Resource']
export type Service = Schemas['Service']
export type Stage = Schemas['Stage']
export type User = Schemas['User']
