import type { Selectable } from '#bundles/kysely'
import { foldCase } from '../lib/fold-case.ts'
import type { Deployment } from '../model/deployment.ts'
import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'
import type { Revision } from '../model/revision.ts'
import type { Service } from '../model/service.ts'
import type { Stage } from '../model/stage.ts'
import type { Tables } from './schema.ts'

/** Rows to values of the model and back. What is in the tables was checked when it was saved. */

type Row<T extends keyof Tables> = Selectable<Tables[T]>

export function toService(row: Omit<Row<'services'>, 'gateway_responses' | 'search'>): Service {
  const { id, name, description, version } = row
  return { id, name, description, version, createdAt: row.created_at, updatedAt: row.updated_at }
}

export function fromService({
  id,
  name,
  description,
  version,
  createdAt,
  updatedAt,
}: Service): Omit<Row<'services'>, 'gateway_responses'> {
  const search = foldCase(`${name}\n${description}`)
  return { id, name, description, search, version, created_at: createdAt, updated_at: updatedAt }
}

export function toResource({ id, service_id, path, description, plugins }: Row<'resources'>): Resource {
  return { id, serviceId: service_id, path, description, plugins: JSON.parse(plugins) }
}

export function fromResource({ id, serviceId, path, description, plugins }: Resource): Row<'resources'> {
  return { id, service_id: serviceId, path, description, plugins: JSON.stringify(plugins) }
}

export function toMethod(row: Row<'methods'>): Method {
  const { id, name, description } = row
  return {
    id,
    resourceId: row.resource_id,
    verb: row.verb as Method['verb'],
    name,
    description,
    tags: JSON.parse(row.tags),
    deprecated: row.deprecated === 1,
    operationId: row.operation_id,
    parameters: JSON.parse(row.parameters),
    requestBody: JSON.parse(row.request_body),
    responses: JSON.parse(row.responses),
    backend: JSON.parse(row.backend),
    plugins: JSON.parse(row.plugins),
  }
}

export function fromMethod(method: Method, serviceId: string): Row<'methods'> {
  const { id, resourceId, verb, name, description, tags, deprecated, backend, plugins } = method
  const { operationId, parameters, requestBody, responses } = method
  return {
    id,
    service_id: serviceId,
    resource_id: resourceId,
    verb,
    name,
    description,
    tags: JSON.stringify(tags),
    deprecated: deprecated ? 1 : 0,
    operation_id: operationId,
    parameters: JSON.stringify(parameters),
    request_body: JSON.stringify(requestBody),
    responses: JSON.stringify(responses),
    backend: JSON.stringify(backend),
    plugins: JSON.stringify(plugins),
  }
}

export function toStage(row: Row<'stages'>): Stage {
  const { id, name, description, version } = row
  return {
    id,
    serviceId: row.service_id,
    name,
    description,
    isDefault: row.is_default === 1,
    domains: JSON.parse(row.domains),
    pathPrefix: row.path_prefix,
    trailingSlash: row.trailing_slash as Stage['trailingSlash'],
    https: row.https as Stage['https'],
    hsts: row.hsts === null ? null : JSON.parse(row.hsts),
    backend: row.backend === null ? null : JSON.parse(row.backend),
    variables: JSON.parse(row.variables),
    plugins: JSON.parse(row.plugins),
    overlay: JSON.parse(row.overlay),
    revisionId: row.revision_id,
    deploymentId: row.deployment_id,
    baseDeploymentId: row.base_deployment_id,
    publicDocument: row.public_document === 1,
    keepDeployments: row.keep_deployments,
    version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function fromStage(stage: Stage): Row<'stages'> {
  const {
    id,
    serviceId,
    name,
    description,
    isDefault,
    domains,
    pathPrefix,
    trailingSlash,
    https,
    hsts,
    backend,
    variables,
    plugins,
    overlay,
    revisionId,
    deploymentId,
    baseDeploymentId,
    publicDocument,
    keepDeployments,
    version,
    createdAt,
    updatedAt,
  } = stage
  return {
    id,
    service_id: serviceId,
    name,
    description,
    is_default: isDefault ? 1 : 0,
    domains: JSON.stringify(domains),
    path_prefix: pathPrefix,
    trailing_slash: trailingSlash,
    https,
    hsts: hsts === null ? null : JSON.stringify(hsts),
    backend: backend === null ? null : JSON.stringify(backend),
    variables: JSON.stringify(variables),
    plugins: JSON.stringify(plugins),
    overlay: JSON.stringify(overlay),
    revision_id: revisionId,
    deployment_id: deploymentId,
    base_deployment_id: baseDeploymentId,
    public_document: publicDocument ? 1 : 0,
    keep_deployments: keepDeployments,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

export function toRevision(row: Omit<Row<'revisions'>, 'design'>): Revision {
  const { id, number, hash, author } = row
  return { id, serviceId: row.service_id, number, hash, author, createdAt: row.created_at }
}

export function toDeployment(row: Omit<Row<'deployments'>, 'settings'>): Deployment {
  const { id, number, hash, note, author, failure } = row
  return {
    id,
    stageId: row.stage_id,
    number,
    hash,
    note,
    author,
    status: row.status as Deployment['status'],
    failure,
    revisionId: row.revision_id,
    createdAt: row.created_at,
  }
}

export function fromDeployment(deployment: Deployment): Omit<Row<'deployments'>, 'settings'> {
  const { id, stageId, number, hash, note, author, status, failure, revisionId, createdAt } = deployment
  return {
    id,
    stage_id: stageId,
    number,
    hash,
    note,
    author,
    status,
    failure,
    revision_id: revisionId,
    created_at: createdAt,
  }
}
