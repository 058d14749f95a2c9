import { createInterface } from 'node:readline'
import { createClient } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { requestPlan, type SetupOptions } from './plan.ts'
import { paint, type SetupPlan, tellPlan } from './plan-text.ts'

/** What the API answers. */
interface AppliedSetup {
  readonly changes: SetupPlan['changes']
  readonly deployments: readonly {
    readonly service: string
    readonly stage: string
    readonly number: number | null
    readonly failure: string | null
  }[]
}

/** `turnpike apply`: shows the plan, asks, and makes the setup what the files say. */
export async function apply(options: SetupOptions & { note: string; yes: boolean }): Promise<void> {
  if (!options.yes && !canAsk(options.file))
    throw new Failure('Nobody can be asked here whether to apply it: look at "turnpike plan", and say --yes.', {
      exitCode: 2,
      code: 'usage',
    })
  const client = createClient(options)
  const { plan, files } = await requestPlan(client, options)
  const text = tellPlan(plan, paint(options.yes ? process.stdout : process.stderr))
  if (plan.changes.length === 0 && plan.deployments.length === 0)
    return print(options, { changes: [], deployments: [] }, text)
  if (!options.yes && !(await isWanted(text))) throw new Failure('Nothing was applied.', { code: 'declined' })
  const { prune, deploy, note } = options
  const applied = (await client.call('POST', '/declarative/apply', {
    document: files.document,
    fingerprint: plan.fingerprint,
    prune,
    deploy,
    note,
  })) as AppliedSetup
  print(options, applied, [...(options.yes ? [text, ''] : []), ...tellApplied(applied)].join('\n'))
  if (applied.deployments.some(({ failure }) => failure !== null)) process.exitCode = 1
}

/** Whether a person sits there, whose answer is not taken up by a file from standard input. */
function canAsk(files: readonly string[]): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !files.includes('-')
}

/** Asks on standard error, so that the result alone is on standard output. */
function isWanted(plan: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  return new Promise((resolve) => {
    // The end of the input, and Ctrl-C, are a no.
    terminal.once('close', () => resolve(false))
    terminal.question(`${plan}\n\nApply it? Only "yes" does: `, (answer) => {
      resolve(answer.trim().toLowerCase() === 'yes')
      terminal.close()
    })
  })
}

function tellApplied({ changes, deployments }: AppliedSetup): string[] {
  return [
    changes.length === 0
      ? 'Nothing had to be changed.'
      : `Applied ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}.`,
    ...deployments.map(({ service, stage, number, failure }) =>
      failure === null
        ? `Deployed ${service}/${stage} as #${number}.`
        : `${service}/${stage} was not deployed: ${failure}`,
    ),
  ]
}
