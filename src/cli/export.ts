import { writeFile } from 'node:fs/promises'
import { escapeReferences } from '../lib/environment-references.ts'
import { toYaml } from '../lib/yaml.ts'
import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'

/** `turnpike export`: writes the setup as one file. */
export async function exportSetup(
  services: readonly string[],
  { output, ...options }: GlobalOptions & { output?: string },
): Promise<void> {
  const query = services.map((service) => `service=${encodeURIComponent(service)}`).join('&')
  const setup = await createClient(options).call('GET', `/declarative${query === '' ? '' : `?${query}`}`)
  const escaped = escapeReferences(setup)
  const text = options.json ? `${JSON.stringify(escaped, null, 2)}\n` : toYaml(escaped)
  if (output === undefined) return void process.stdout.write(text)
  try {
    await writeFile(output, text)
  } catch (error) {
    throw new Failure(`${output} cannot be written: ${error instanceof Error ? error.message : String(error)}.`, {
      code: 'unwritable',
    })
  }
}
