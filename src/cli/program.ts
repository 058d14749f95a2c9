import { Command, CommanderError, Option } from 'commander'
import { Failure } from './failure.ts'

/** The command line: which commands there are, and how their ends are told. Each command is a file, loaded when it is called. */

/** How `turnpike start` is started; `main.ts` hands it in. */
export interface StartCommand {
  readonly options: readonly {
    readonly flags: string
    readonly description: string
    readonly env: string
    readonly default?: string | boolean
  }[]
  action(options: Readonly<Record<string, unknown>>): Promise<void>
}

/** Makes the program. Run it with `runProgram`. */
export function buildProgram({ start, version }: { start: StartCommand; version: string }): Command {
  const program = new Command('turnpike')
    .description('A self-hosted API gateway: design, secure, deploy, share and watch APIs.')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .showSuggestionAfterError()
    .showHelpAfterError('(run with --help to see what there is)')
    .exitOverride()
  addStart(program, start)

  withGlobals(program.command('import <source>'))
    .summary('import an OpenAPI document')
    .description(
      'Import a Swagger 2.0, OpenAPI 3.0 or 3.1 document (JSON or YAML) into a service, all of it or nothing.\nSOURCE is a file, a URL, or - for standard input.',
    )
    .requiredOption('--service <NAME>', 'Service to import into; made if there is none')
    .option('--stage <NAME>', 'Stage; made if there is none (default: the default stage)')
    .option('--backend <URL>', "The stage's backend")
    .option('--deploy', 'Deploy the stage afterwards', false)
    .addOption(
      new Option('--mode <MODE>', 'merge keeps what the document does not have, replace removes it')
        .choices(['merge', 'replace'])
        .default('merge'),
    )
    .option('--note <TEXT>', 'Note of the deployment', '')
    .option('--dry-run', 'Only say what would be done', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike import petstore.yaml --service pets --backend http://127.0.0.1:3000 --deploy\n  curl -s https://example.com/openapi.json | turnpike import - --service pets --dry-run',
    )
    .action(async (source, options) => (await import('./import.ts')).importDocument(source, options))

  withGlobals(program.command('export [service...]'))
    .summary('write the setup as one file')
    .description(
      'Write the setup as one file: all of it, or the services that are named alone.\nApplied to where it comes from, it changes nothing.',
    )
    .option('-o, --output <FILE>', 'File to write (default: standard output)')
    .addHelpText('after', '\nExamples:\n  turnpike export > turnpike.yaml\n  turnpike export pets -o pets.yaml')
    .action(async (services, options) => (await import('./export.ts')).exportSetup(services, options))

  withSetup(program.command('plan'))
    .summary('show what applying a file would change')
    .description('Show what applying a setup would change. Nothing is written.')
    .option('--detailed-exitcode', 'End with 3 where something would change', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike plan -f turnpike.yaml\n  turnpike plan -f setup/ --prune --detailed-exitcode',
    )
    .action(async (options) => (await import('./plan.ts')).plan(options))

  withSetup(program.command('apply'))
    .summary('make the setup what a file says')
    .description('Make the setup what a file says: all of it or nothing. Shows the plan first, and asks.')
    .option('--note <TEXT>', 'Note of the deployments', '')
    .option('-y, --yes', 'Do not ask', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike apply -f turnpike.yaml\n  turnpike apply -f setup/ --prune --deploy --yes',
    )
    .action(async (options) => (await import('./apply.ts')).apply(options))

  withGlobals(program.command('openapi <service>'))
    .summary('print an OpenAPI document')
    .description(
      'Print the design of a service as a document that imports as exactly this design; or, of SERVICE/STAGE, the document of what is live for its clients. YAML, or JSON with --json.',
    )
    .addOption(
      new Option('--format <FORMAT>', 'Of a design').choices(['openapi-3.1', 'swagger-2.0']).default('openapi-3.1'),
    )
    .action(async (target, options) => (await import('./openapi.ts')).openApi(target, options))

  withGlobals(program.command('deploy <service/stage>'))
    .summary('make a stage live as it is')
    .description(
      'Make a stage live as it is now. SERVICE alone means its default stage.\nChanges of the design wait in the draft until they are applied to the stage.',
    )
    .option('--apply', 'Apply the draft to the stage first', false)
    .option('--note <TEXT>', 'Why', '')
    .addHelpText('after', '\nExample:\n  turnpike deploy pets/production --apply --note "New prices"')
    .action(async (target, options) => (await import('./deploy.ts')).deploy(target, options))

  withGlobals(program.command('lint <service>'))
    .summary('show what is wrong with a design')
    .description('Show what is wrong with the draft of a service, or with SERVICE/STAGE and the design that it runs.')
    .option('--info', 'Also show what it is enough to know', false)
    .addHelpText('after', '\nExamples:\n  turnpike lint pets\n  turnpike lint pets/production --info')
    .action(async (target, options) => (await import('./lint.ts')).lint(target, options))

  withGlobals(program.command('diff <service/stage> [from] [to]'))
    .summary('show what is different')
    .description('Show what is different between draft, stage and live; or between two deployments, by their numbers.')
    .addHelpText('after', '\nExamples:\n  turnpike diff pets\n  turnpike diff pets/production 3 4')
    .action(async (target, from, to, options) => (await import('./diff.ts')).diff(target, from, to, options))

  withGlobals(program.command('history <service/stage>'))
    .summary("show a stage's deployments")
    .description('Show the deployments of a stage, the newest first.')
    .addHelpText('after', '\nExample:\n  turnpike history pets')
    .action(async (target, options) => (await import('./history.ts')).history(target, options))

  withGlobals(program.command('rollback <service/stage> <number>'))
    .summary('make a deployment of the past live again')
    .description('Make a deployment of the past live again, at once. The settings of the stage stay as they are.')
    .addHelpText('after', '\nExample:\n  turnpike rollback pets/production 3')
    .action(async (target, number, options) => (await import('./roll-back.ts')).rollBack(target, number, options))

  withGlobals(program.command('explain <service/stage> <method> <path>'))
    .summary('show what a stage does with a request')
    .description(
      'Show step by step what a stage does with a request: route, plugins, what the backend would be sent, the answer.',
    )
    .option(
      '-H, --header <HEADER>',
      'Header of the request, as "Name: value"; may be given several times',
      (header: string, all: string[]) => [...all, header],
      [],
    )
    .option('--body <TEXT>', 'Body of the request', '')
    .option('--client-ip <ADDRESS>', 'Address of the client', '127.0.0.1')
    .option('--against <WHAT>', 'live, stage, draft, or the number of a deployment', 'live')
    .option('--call', 'Really call the backend', false)
    .addHelpText('after', '\nExample:\n  turnpike explain pets GET /pets/1 -H "Accept: text/html" --against draft')
    .action(async (target, method, path, options) =>
      (await import('./explain.ts')).explain(target, method, path, options),
    )

  withGlobals(program.command('login'))
    .summary('log in to a server')
    .description('Log in to a server with name and password, and keep a token with your rights for the other commands.')
    .option('--name <NAME>', 'Name of the user')
    .option('--password-stdin', 'Read the password from standard input', false)
    .option('--expires <DAYS>', 'Days after which the token expires', '30')
    .addHelpText('after', '\nExample:\n  turnpike login --url https://gateway.example.com:9000 --name ada')
    .action(async (options) => (await import('./log-in.ts')).logIn(options))

  withGlobals(program.command('logout'))
    .summary('log out of a server')
    .description('Revoke the token that "turnpike login" has kept, and forget it.')
    .addHelpText('after', '\nExample:\n  turnpike logout --url https://gateway.example.com:9000')
    .action(async (options) => (await import('./log-in.ts')).logOut(options))

  withGlobals(program.command('whoami'))
    .summary('show who you are to a server')
    .description('Show who you are to a server, and what you may do there.')
    .addHelpText('after', '\nExample:\n  turnpike whoami')
    .action(async (options) => (await import('./log-in.ts')).whoAmI(options))

  withGlobals(program.command('status'))
    .summary('show workers, stages and requests')
    .description('Show the workers, the stages that are live, and the requests so far.')
    .addHelpText('after', '\nExample:\n  turnpike status --json')
    .action(async (options) => (await import('./status.ts')).status(options))
  return program
}

/** Runs the program on a command line and returns the exit code: 0 done, 1 failed, 2 called wrongly, or what a command has set. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof Failure)) throw error
    process.stderr.write(
      argv.includes('--json')
        ? `${JSON.stringify({ error: { code: error.code, message: error.message, errors: error.errors } })}\n`
        : tell(error),
    )
    return error.exitCode
  }
}

function addStart(program: Command, { options, action }: StartCommand): void {
  const command = program
    .command('start')
    .summary('start gateway and management API')
    .description('Start the gateway and the management API, with an embedded store.')
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike start\n  turnpike start --demo\n  turnpike start --gateway-port 80 --base-domain api.example.com',
    )
  for (const { flags, description, env, default: fallback } of options) {
    const option = new Option(flags, description).env(env)
    command.addOption(fallback === undefined ? option : option.default(fallback))
  }
  command.action(action)
}

function withGlobals(command: Command): Command {
  return command
    .option('--json', 'Print JSON', false)
    .addOption(new Option('--url <URL>', 'Management API of the server').env('TURNPIKE_URL'))
    .addOption(new Option('--token <TOKEN>', 'Token of the management API').env('TURNPIKE_TOKEN'))
    .addOption(
      new Option('--data <DIR>', 'Data folder of a server on this machine, which says where it is')
        .env('TURNPIKE_DATA')
        .default('./data'),
    )
}

/** A command that reads a setup from files. */
function withSetup(command: Command): Command {
  return withGlobals(command)
    .requiredOption(
      '-f, --file <PATH>',
      'File, folder, or - for standard input; may be given several times',
      (path: string, all: string[] = []) => [...all, path],
    )
    .option('--prune', 'Delete services, stages, plans and keys that the files do not have', false)
    .option('--deploy', 'Apply the draft to the stages of the files, and deploy those that change', false)
}

/** An error as text: the sentence, then each problem that it does not say itself. */
function tell({ message, errors }: Failure): string {
  const details = errors
    .filter((error) => error.file !== undefined || !message.includes(error.message))
    .map(({ path, message: detail, file, line }) => {
      const place = [file === undefined ? '' : `${file}:${line}`, path].filter((part) => part !== '').join(' ')
      return `  ${place === '' ? '' : `${place}: `}${detail}`
    })
  return `${[`turnpike: ${message}`, ...details].join('\n')}\n`
}
