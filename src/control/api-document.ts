import { noOverlay } from '../design/effective.ts'
import { exportOpenApi, type OpenApiDocument } from '../design/openapi/export.ts'
import { exportSwagger } from '../design/openapi/export-swagger.ts'
import { NotFound } from '../model/errors.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import { hostNames } from '../snapshot/compile.ts'
import type { Unit } from '../store/unit.ts'
import { readDraft } from './apply-draft.ts'
import { findService, findStage } from './find.ts'
import { designOf } from './read-changes.ts'

/** OpenAPI documents: of a design, whole, for whoever keeps it; and of what is live, for its clients. */

/** The formats that a design can be exported in. */
export const exportFormats = ['openapi-3.1', 'swagger-2.0'] as const
export type ExportFormat = (typeof exportFormats)[number]

const writers = { 'openapi-3.1': exportOpenApi, 'swagger-2.0': exportSwagger }

/** The draft of a service as a document, which imports as exactly this design. */
export async function exportDesign(
  unit: Unit,
  serviceIdOrName: string,
  format: ExportFormat,
): Promise<{ readonly document: OpenApiDocument; readonly service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  const { name: title, description } = service
  const options = { title, description, version: 'draft', servers: [], stage: noOverlay, isWhole: true }
  return { document: writers[format](await readDraft(unit, service), options), service }
}

/** Where the gateway is reached. */
export interface GatewayAddress {
  readonly baseDomain: string
  readonly port: number
  /** Null where HTTPS is off. */
  readonly tlsPort: number | null
}

/** What is live of a stage as a document for its clients: no backend, no plugin. Throws `NotFound` where nothing is. */
export async function readApiDocument(
  unit: Unit,
  serviceIdOrName: string,
  stageIdOrName: string,
  gateway: GatewayAddress,
): Promise<{ readonly document: OpenApiDocument; readonly stage: Stage }> {
  const service = await findService(unit, serviceIdOrName)
  const stage = await findStage(unit, service, stageIdOrName)
  const live = stage.deploymentId === null ? null : await unit.deployments.find(stage.deploymentId)
  const settings = live === null ? null : await unit.deployments.settings(live.id)
  if (live === null || settings === null) throw new NotFound('live deployment of', `${service.name}/${stage.name}`)
  const document = exportOpenApi(await designOf(unit, live), {
    title: service.name,
    description: service.description,
    version: String(live.number),
    servers: serversOf(service, { ...stage, ...settings }, gateway),
    stage: settings,
    isWhole: false,
  })
  return { document, stage }
}

/** The same without asking who calls, where the stage says so. Throws `NotFound` where it does not, as if there were no such stage. */
export async function readPublicApiDocument(
  unit: Unit,
  serviceName: string,
  stageName: string,
  gateway: GatewayAddress,
): Promise<OpenApiDocument> {
  const service = await unit.services.findByName(serviceName)
  const stages = service === null ? [] : await unit.stages.ofService(service.id)
  const stage = stages.find(({ name }) => name === stageName)
  if (service === null || stage?.publicDocument !== true)
    throw new NotFound('public API document', `${serviceName}/${stageName}`)
  return (await readApiDocument(unit, service.id, stage.id, gateway)).document
}

/** All addresses of a stage: domains of its own first; by HTTPS where it wants that. */
function serversOf(service: Service, stage: Stage, { baseDomain, port, tlsPort }: GatewayAddress): string[] {
  const hosts = [...stage.domains, ...hostNames(service, stage, baseDomain)]
  const isTls = stage.https !== 'optional' && tlsPort !== null
  const suffix = (isTls ? tlsPort === 443 : port === 80) ? '' : `:${isTls ? tlsPort : port}`
  const urlOf = (host: string) => `${isTls ? 'https' : 'http'}://${host}${suffix}`
  return [...hosts.map(urlOf), ...(stage.pathPrefix === null ? [] : [`${urlOf(baseDomain)}${stage.pathPrefix}`])]
}
