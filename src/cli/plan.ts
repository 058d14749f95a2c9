import { type Client, createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { paint, type SetupPlan, tellPlan } from './plan-text.ts'
import { readSetupFiles, type SetupFiles } from './setup-files.ts'

export interface SetupOptions extends GlobalOptions {
  readonly file: readonly string[]
  readonly prune: boolean
  readonly deploy: boolean
}

/** The exit code of a plan that changes something, where it was asked for: 2 is a wrong usage. */
const CHANGES = 3

/** `turnpike plan`: shows what applying files would change. */
export async function plan(options: SetupOptions & { detailedExitcode: boolean }): Promise<void> {
  const { plan } = await requestPlan(createClient(options), options)
  print(options, plan, tellPlan(plan, paint(process.stdout)))
  const isChange = plan.changes.length > 0 || plan.deployments.length > 0
  if (isChange && options.detailedExitcode) process.exitCode = CHANGES
}

/** Reads the files and has them planned. Throws `Failure` with the file and line of every problem. */
export async function requestPlan(
  client: Client,
  { file, prune, deploy }: SetupOptions,
): Promise<{ plan: SetupPlan; files: SetupFiles }> {
  const files = await readSetupFiles(file, process.env)
  try {
    const plan = await client.call('POST', '/declarative/plan', { document: files.document, prune, deploy })
    return { plan: plan as SetupPlan, files }
  } catch (error) {
    throw error instanceof Failure ? files.located(error) : error
  }
}
