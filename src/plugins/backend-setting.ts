import { Type } from '#bundles/typebox'
import { Backend } from './backend.ts'

/** The mark of a setting that is a backend: its fields are told in one place, and not on the page of each plugin. */
export const BACKEND_MARK = 'x-backend'

/** A setting of a plugin that is a backend, as stages have them. */
export const BackendSetting = (title: string, description: string) =>
  Type.Object(Backend.properties, {
    title,
    description,
    examples: [{ targets: [{ url: 'http://127.0.0.1:3001', weight: 1 }] }],
    additionalProperties: false,
    [BACKEND_MARK]: true,
  })
