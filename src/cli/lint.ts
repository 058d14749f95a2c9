import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { findTarget } from './target.ts'

/** What the API answers. */
interface Finding {
  readonly code: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly node: string
  readonly message: string
  readonly sample: string | null
}

/** `turnpike lint`: what is wrong with a design, or with a stage and the design that it runs. Fails where a deployment would. */
export async function lint(target: string, options: GlobalOptions & { info: boolean }): Promise<void> {
  const client = createClient(options)
  const [service = ''] = target.split('/')
  const stage = target.includes('/') ? (await findTarget(client, target)).label.split('/')[1] : undefined
  const query = stage === undefined ? '' : `?stage=${encodeURIComponent(stage)}`
  const { items } = (await client.call('GET', `/services/${encodeURIComponent(service)}/lint${query}`)) as {
    items: Finding[]
  }
  const shown = items.filter(({ severity }) => options.info || severity !== 'info')
  print(options, items, shown.length === 0 ? `Nothing is wrong with ${target}.` : shown.map(tell).join('\n'))
  const count = items.filter(({ severity }) => severity === 'error').length
  if (count > 0)
    throw new Failure(
      `${target} has ${count === 1 ? 'an error that stops' : `${count} errors that stop`} a deployment.`,
      {
        code: 'lint-errors',
      },
    )
}

function tell({ code, severity, node, message, sample }: Finding): string {
  return `${severity.padEnd(7)}  ${node}: ${message}${sample === null ? '' : `\n         ${sample}`}  (${code})`
}
