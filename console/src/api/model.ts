import type { components, operations, paths } from './schema.ts'

/** The names of the API's own schemas. */
type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKey']
export type Content = Schemas['Content']
export type ApiToken = Schemas['ApiToken']
export type Deployment = Schemas['Deployment']
export type GatewayResponse = Schemas['GatewayResponse']
export type Method = Schemas['Method']
export type Model = Schemas['Model']
export type Explanation = Schemas['Explanation']
export type Finding = Schemas['Finding']
export type ImportChange = Schemas['ImportChange']
export type ImportNote = Schemas['ImportNote']
export type MethodBackend = Schemas['MethodBackend']
export type MethodResponse = Schemas['MethodResponse']
export type NodePlugin = Schemas['NodePlugin']
export type Parameter = Schemas['Parameter']
export type Plan = Schemas['Plan']
export type PlanStage = Schemas['PlanStage']
export type Policy = Schemas['Policy']
export type ReceivedAnswer = Schemas['ReceivedAnswer']
export type PolicyValue = Schemas['PolicyValue']
export type RequestBody = Schemas['RequestBody']
export type Resource = Schemas['Resource']
export type Service = Schemas['Service']
export type Stage = Schemas['Stage']
export type Subscription = Schemas['Subscription']
export type SubscriptionUsage = Schemas['SubscriptionUsage']
export type User = Schemas['User']

/** What an operation answers. */
type AnswerOf<Operation> = Operation extends {
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer Body } } }
}
  ? Body
  : never

export type Alert = AnswerOf<operations['readAlert']>
export type AlertFields = NonNullable<operations['setAlertRule']['requestBody']>['content']['application/json']
export type BackendStates = AnswerOf<paths['/api/v1/services/{serviceId}/stages/{stageId}/backends']['get']>
export type CanaryWithSides = AnswerOf<paths['/api/v1/services/{serviceId}/stages/{stageId}/canary']['get']>
export type Certificates = AnswerOf<paths['/api/v1/certificates']['get']>
export type Change = AnswerOf<paths['/api/v1/services/{serviceId}/stages/{stageId}/changes']['get']>['draft'][number]
export type RecentRequest = AnswerOf<operations['findRequestByItsId']>
export type Statistics = AnswerOf<operations['readStatisticsOfStage']>
export type StatisticsPoint = Statistics['points'][number]
export type StatisticsTotals = Statistics['totals']
export type TopList = AnswerOf<operations['listRoutesOrKeysOrStagesOfStageThatStandOut']>
export type TopEntry = TopList['items'][number]
