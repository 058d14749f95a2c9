import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedSchema } from './published-schema.ts'

/** Where the schema of a document is published with the other reference pages. */
export const schemaFile = join(import.meta.dirname, '../../../docs/reference/declarative.schema.json')

/** The schema as the text of that file. */
export function schemaText(): string {
  return `${JSON.stringify(publishedSchema(), null, 2)}\n`
}

if (import.meta.main) {
  writeFileSync(schemaFile, schemaText())
  console.log('wrote declarative.schema.json')
}
