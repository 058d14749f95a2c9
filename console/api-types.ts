import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { pino } from 'pino'
import { createServer, type ServerParts } from '../src/api/server.ts'

/** The types of the management API that the console is written against, made from the API's own document: `npm run golden`. */

const FILE = join(import.meta.dirname, 'src/api/schema.ts')

/** The document of the management API. */
export async function apiDocument(): Promise<OpenAPI3> {
  // Making the routes asks nothing of what they work on; only requests would, and there are none.
  const parts = {
    logger: pino({ level: 'silent' }),
    trustedProxies: [],
    version: '0.0.0',
    localToken: '',
    metrics: { token: null },
    gateway: { host: '', port: 0, tlsPort: null },
  } as unknown as ServerParts
  const server = await createServer(parts)
  // What @fastify/swagger gives is the document of its own type for the same thing.
  const document = JSON.parse(JSON.stringify(server.swagger())) as OpenAPI3
  await server.close()
  return document
}

/** The text of `src/api/schema.ts` as it should be. */
export async function apiTypes(): Promise<string> {
  const document = await apiDocument()
  const types = astToString(await openapiTypes(document, { alphabetize: true, defaultNonNullable: false }))
  return `// Made from the management API's own document by "npm run golden". Do not edit.\n\n${types}`
}

if (import.meta.main) writeFileSync(FILE, await apiTypes())
