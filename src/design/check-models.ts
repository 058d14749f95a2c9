import type { Model } from '../model/model.ts'
import type { Problem } from '../plugins/plugin.ts'
import { checkSchema } from './check-schema.ts'

/** Everything wrong with a model beside others; `models` are the names of all of the service, its own among them. */
export function checkModel({ schema, dialect }: Model, models: ReadonlySet<string>): Problem[] {
  return checkSchema(schema, dialect, models, '/schema')
}
