import { toYaml } from '../lib/yaml.ts'
import { createClient, type GlobalOptions } from './client.ts'
import { findTarget } from './target.ts'

interface OpenApiOptions extends GlobalOptions {
  readonly format: 'openapi-3.1' | 'swagger-2.0'
}

/** `turnpike openapi`: a design as a document that imports as exactly this, or the document of a live stage for its clients. */
export async function openApi(target: string, options: OpenApiOptions): Promise<void> {
  const client = createClient(options)
  const path = target.includes('/')
    ? `${(await findTarget(client, target)).path}/openapi`
    : `/services/${encodeURIComponent(target)}/openapi?format=${options.format}`
  const document = await client.call('GET', path)
  const text = options.json ? `${JSON.stringify(document, null, 2)}\n` : toYaml(document)
  process.stdout.write(text)
}
