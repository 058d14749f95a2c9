import type { Design } from '../../design.ts'
import type { ImportPlan, PlannedMethod } from '../plan.ts'

/** The design of a new service. */
export const emptyDesign: Design = {
  resources: [{ id: 'root', serviceId: 's', path: '/', description: '', plugins: [] }],
  methods: [],
  models: [],
  gatewayResponses: {},
}

let lastId = 0

/** Applies a plan to a design in memory, as the use case does to the store. */
export function applyPlan(design: Design, plan: ImportPlan): Design {
  const id = () => `id-${++lastId}`
  const toMethod = (resourceId: string) => (method: PlannedMethod) => ({ ...method, id: id(), resourceId })
  const created = plan.create.map(({ path, description, plugins, methods }) => ({
    resource: { id: id(), serviceId: 's', path, description, plugins },
    methods,
  }))
  const removed = new Set(plan.update.flatMap(({ remove }) => remove))
  const gone = new Set(plan.remove)
  const updated = new Map(plan.update.flatMap(({ update }) => update.map(({ methodId, method }) => [methodId, method])))
  const resources = new Map(plan.update.map(({ resource }) => [resource.id, resource]))
  const models = new Map(plan.models.update.map((model) => [model.name, model]))
  const withoutModels = new Set(plan.models.remove)
  return {
    resources: [
      ...design.resources
        .filter((resource) => !gone.has(resource.id))
        .map((resource) => resources.get(resource.id) ?? resource),
      ...created.map(({ resource }) => resource),
    ],
    methods: [
      ...design.methods
        .filter((method) => !removed.has(method.id) && !gone.has(method.resourceId))
        .map((method) => ({ ...method, ...updated.get(method.id) })),
      ...created.flatMap(({ resource, methods }) => methods.map(toMethod(resource.id))),
      ...plan.update.flatMap(({ resource, create }) => create.map(toMethod(resource.id))),
    ],
    models: [
      ...design.models
        .filter(({ name }) => !withoutModels.has(name))
        .map((model) => models.get(model.name) ?? model),
      ...plan.models.create,
    ],
    gatewayResponses: plan.gatewayResponses ?? design.gatewayResponses,
  }
}
