import { Command, CommanderError, Option } from 'commander'
import { endWithoutReaders } from './broken-pipe.ts'
import { addCertificates } from './commands/certificates.ts'
import { addDocuments } from './commands/documents.ts'
import { addKeys, addPlans } from './commands/keys.ts'
import { addPeople } from './commands/people.ts'
import { addCanary, addStages } from './commands/stages.ts'
import { addWatching } from './commands/watching.ts'
import { Failure } from './failure.ts'

/**
 * The command line: how it is called, and how its ends are told. Which commands there are is in `commands/`; what each does is in a
 * file of its own here, loaded when it is called.
 */

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
    .addHelpCommand(
      new Command('help').argument('[command]').description('show the help of a command').helpGroup('The program:'),
    )
  program.commandsGroup('The program:')
  addStart(program, start)
  program.commandsGroup('APIs as documents:')
  addDocuments(program)
  program.commandsGroup('Stages and deployments:')
  addStages(program)
  addCanary(program)
  program.commandsGroup('Access:')
  addKeys(program)
  addPlans(program)
  addCertificates(program)
  program.commandsGroup('What happens:')
  addWatching(program)
  program.commandsGroup('Who you are:')
  addPeople(program)
  return program
}

/** Runs the program on a command line and returns the exit code: 0 done, 1 failed, 2 called wrongly, or what a command has set. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  endWithoutReaders()
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
