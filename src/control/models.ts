import { checkModel } from '../design/check-models.ts'
import { type ModelUse, usesOfMethod, usesOfModels } from '../design/model-references.ts'
import { normalModel } from '../design/normal-model.ts'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import type { Model } from '../model/model.ts'
import type { Service } from '../model/service.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** A model, who uses it, and the version of the design that it was read from. */
export interface ModelState {
  readonly model: Model
  readonly usedBy: ModelUse[]
  readonly service: Service
}

/** All models of a service, each with how many others and methods refer to it. */
export async function listModels(unit: Unit, serviceIdOrName: string): Promise<(Model & { useCount: number })[]> {
  const service = await findService(unit, serviceIdOrName)
  const models = await unit.models.ofService(service.id)
  const users = new Map(models.map(({ name }) => [name, new Set<string>()]))
  for (const { model, by } of await allUses(unit, service, models)) users.get(model)?.add(by)
  return models.map((model) => {
    const by = users.get(model.name) ?? new Set()
    by.delete(`model ${model.name}`)
    return { ...model, useCount: by.size }
  })
}

/** One model of a service. Throws `NotFound`. */
export async function readModel(unit: Unit, serviceIdOrName: string, name: string): Promise<ModelState> {
  const service = await findService(unit, serviceIdOrName)
  const model = await findModel(unit, service, name)
  return { model, usedBy: await usesOf(unit, service, name), service }
}

/** Adds a model to a service. */
export async function createModel(
  unit: Unit,
  serviceIdOrName: string,
  { name, schema, description = '', dialect = '2020-12' }: Pick<Model, 'name' | 'schema'> & Partial<Model>,
  expected: ExpectedVersion,
): Promise<{ model: Model; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const names = await modelNames(unit, service)
  if (names.has(name)) throw new Conflict(`"${service.name}" already has a model "${name}": choose another name.`)
  const model = normalModel({ name, description, dialect, schema })
  assertModel(model, new Set([...names, name]))
  await unit.models.insert(service.id, [model])
  const touched = await touchService(unit, service)
  await unit.audit.record({
    action: 'create',
    kind: 'model',
    serviceId: service.id,
    id: `${service.id}/${name}`,
    before: null,
    after: model,
  })
  return { model, service: touched }
}

/** Changes a model. Its name stays: what refers to it does so by name. */
export async function updateModel(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  changes: Partial<Omit<Model, 'name'>>,
  expected: ExpectedVersion,
): Promise<{ model: Model; service: Service }> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findModel(unit, service, name)
  const after = normalModel({ ...before, ...changes })
  assertModel(after, await modelNames(unit, service))
  await unit.models.update(service.id, after)
  const touched = await touchService(unit, service)
  await unit.audit.record({
    action: 'update',
    kind: 'model',
    serviceId: service.id,
    id: `${service.id}/${name}`,
    before,
    after,
  })
  return { model: after, service: touched }
}

/** Deletes a model. Throws `Conflict`, saying by what it is used, unless nothing but itself uses it. */
export async function deleteModel(
  unit: Unit,
  serviceIdOrName: string,
  name: string,
  expected: ExpectedVersion,
): Promise<void> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await findModel(unit, service, name)
  const users = new Set((await usesOf(unit, service, name)).map(({ by }) => by))
  users.delete(`model ${name}`)
  if (users.size > 0) throw new Conflict(`The model "${name}" is used by ${listed([...users])}: change that first.`)
  await unit.models.delete(service.id, [name])
  await touchService(unit, service)
  await unit.audit.record({
    action: 'delete',
    kind: 'model',
    serviceId: service.id,
    id: `${service.id}/${name}`,
    before,
    after: null,
  })
}

/** The names of a service's models: what its schemas may refer to. */
export async function modelNames(unit: Unit, { id }: Pick<Service, 'id'>): Promise<Set<string>> {
  return new Set(await unit.models.namesOf(id))
}

async function usesOf(unit: Unit, service: Service, name: string): Promise<ModelUse[]> {
  const uses = await allUses(unit, service, await unit.models.ofService(service.id))
  return uses.filter(({ model }) => model === name)
}

async function allUses(unit: Unit, { id }: Service, models: readonly Model[]): Promise<ModelUse[]> {
  const paths = new Map((await unit.resources.ofService(id)).map((resource) => [resource.id, resource.path]))
  return [
    ...usesOfModels(models),
    ...(await unit.methods.ofService(id)).flatMap((method) =>
      usesOfMethod(method, `${method.verb} ${paths.get(method.resourceId) ?? ''}`),
    ),
  ]
}

function assertModel(model: Model, names: ReadonlySet<string>): void {
  const problems = checkModel(model, names)
  if (problems.length > 0) throw new Invalid(`The model "${model.name}" cannot be saved so.`, problems)
}

async function findModel(unit: Unit, service: Service, name: string): Promise<Model> {
  const model = await unit.models.find(service.id, name)
  if (model === null) throw new NotFound('model', `${service.name}/${name}`)
  return model
}

const MOST_LISTED = 10

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_LISTED
  return rest > 0 ? `${names.slice(0, MOST_LISTED).join(', ')} and ${rest} more` : names.join(', ')
}
