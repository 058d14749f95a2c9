import { publishedSchema } from '../../design/declarative/published-schema.ts'

/** The schema of a document, for editors. */
export const setupSchema = publishedSchema()
