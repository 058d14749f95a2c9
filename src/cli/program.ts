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
    .option(
      '--if-version <N>',
      'Only where the service has not changed since the dry run that said so (0: it must not be there)',
    )
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

  withGlobals(program.command('logs [service/stage]'))
    .summary('show the last requests, or follow them')
    .description(
      'Show the last requests that the gateway has served, of all services or of a stage. SERVICE alone means its default stage.\nEach worker remembers the last 10,000 (--recent-requests), without an access log being set up.',
    )
    .option('-f, --follow', 'Go on with requests as they come', false)
    .option('--id <ID>', 'Show all that is known of the request of this id')
    .option('--status <LIST>', 'Statuses and classes, with commas: 404, 5xx')
    .option('--route <PATH>', 'Path of the route, or id of its method')
    .option('--method <METHOD>', 'Method')
    .option('--path <PREFIX>', 'What the path begins with')
    .option('--contains <TEXT>', 'What the path contains')
    .option('--consumer <NAME>', 'API key or user, by id or name')
    .option('--client <LIST>', 'Addresses and CIDR ranges of clients, with commas')
    .option('--min-ms <N>', 'At least so many milliseconds')
    .option('--error <CODE>', "Code of an answer of the gateway's own")
    .option('-n, --limit <N>', 'How many at most', '50')
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike logs demo --follow\n  turnpike logs --status 5xx --min-ms 500\n  turnpike logs --id 3f0c1e2d4b5a69788796a5b4c3d2e1f0',
    )
    .action(async (target, options) => (await import('./logs.ts')).logs(target, options))

  withGlobals(program.command('rollback <service/stage> <number>'))
    .summary('make a deployment of the past live again')
    .description('Make a deployment of the past live again, at once. The settings of the stage stay as they are.')
    .addHelpText('after', '\nExample:\n  turnpike rollback pets/production 3')
    .action(async (target, number, options) => (await import('./roll-back.ts')).rollBack(target, number, options))

  addCanary(program)

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

  addKeys(program)
  addCertificates(program)
  addPlans(program)

  addStats(program)
  addAlerts(program)
  addAudit(program)

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

  withGlobals(program.command('backends <target>'))
    .summary('show how the targets of a stage are')
    .description(
      'Show the targets that a stage sends its requests to: which are healthy, which are left out and why, and what they have to do.\nTARGET is SERVICE/STAGE, or SERVICE for its default stage.',
    )
    .addHelpText('after', '\nExample:\n  turnpike backends pets/production')
    .action(async (target, options) => (await import('./backends.ts')).backends(target, options))

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

function addCertificates(program: Command): void {
  const certificates = program
    .command('certificates')
    .summary('certificates for HTTPS')
    .description(
      'Certificates for HTTPS, each for the hosts that it names. What is changed holds at once; open connections keep what they have.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike certificates add example.com --chain fullchain.pem --key privkey.pem\n  turnpike certificates list',
    )
  const load = () => import('./certificates.ts')

  withGlobals(certificates.command('list'))
    .summary('list certificates')
    .description('List certificates, with their hosts, when they expire, and how many hosts of live stages have them.')
    .action(async (options) => (await load()).listCertificates(options))

  withGlobals(certificates.command('show <name>'))
    .summary('show a certificate')
    .description('Show what a certificate says, and which live stages have it.')
    .option('--pem', 'Print the chain itself', false)
    .action(async (name, options) => (await load()).showCertificate(name, options))

  withGlobals(certificates.command('add <name>'))
    .summary('add a certificate')
    .description('Add a certificate. Chain and key are files in PEM, or - for standard input.')
    .requiredOption('--chain <FILE>', 'Its chain: that of the server first, then its issuer, and so on')
    .requiredOption('--key <FILE>', 'Its private key, without a pass phrase')
    .option('--default', 'Also for clients that name no host, or one that no certificate is for')
    .action(async (name, options) => (await load()).addCertificate(name, options))

  withGlobals(certificates.command('replace <name>'))
    .summary('replace a certificate')
    .description('Replace a certificate by its successor. The key may be left out where it is the same.')
    .option('--chain <FILE>', 'Its new chain')
    .option('--key <FILE>', 'Its new private key')
    .option('--default', 'Also for clients that name no host, or one that no certificate is for')
    .option('--no-default', 'Only for the hosts that it names')
    .action(async (name, options) => (await load()).replaceCertificate(name, options))

  withGlobals(certificates.command('delete <name>'))
    .summary('delete a certificate')
    .description('Delete a certificate; not the only one for a domain of a live stage.')
    .action(async (name, options) => (await load()).deleteCertificate(name, options))

  withGlobals(certificates.command('request <name> <domain...>'))
    .summary('have one got from an authority')
    .description(
      "Have a certificate got from an authority (ACME; Let's Encrypt, unless --acme-directory says otherwise), and renewed. The domains must lead to this gateway.",
    )
    .addOption(
      new Option('--challenge <TYPE>', 'How the authority is shown that the domains are ours: it asks port 80, or 443')
        .choices(['http-01', 'tls-alpn-01'])
        .default('http-01'),
    )
    .option('--agree-tos', 'Agree to the terms of service of the authority', false)
    .action(async (name, domains, options) => (await load()).requestCertificate(name, domains, options))

  withGlobals(certificates.command('managed'))
    .summary('show those that are got from an authority')
    .description('Show the certificates that are got from an authority, how that stands, and when they are renewed.')
    .action(async (options) => (await load()).listManaged(options))

  withGlobals(certificates.command('renew <name>'))
    .summary('get or renew one now')
    .description('Get or renew a certificate from its authority now.')
    .action(async (name, options) => (await load()).renewManaged(name, options))

  withGlobals(certificates.command('release <name>'))
    .summary('renew one no more')
    .description('Renew a certificate no more. What was got stays.')
    .action(async (name, options) => (await load()).endManaged(name, options))

  withGlobals(certificates.command('authority'))
    .summary('print the local authority')
    .description(
      'Print the certificate of the local authority, which vouches for localhost and for names below the base domain that no other certificate is for. Clients that trust it take those.',
    )
    .addHelpText('after', '\nExample:\n  turnpike certificates authority > authority.pem')
    .action(async (options) => (await load()).showAuthority(options))
}

function addStats(program: Command): void {
  withGlobals(program.command('stats [service/stage]'))
    .summary('show what was called, and how it went')
    .description(
      'Show what was called, how it went, and how long it took: of a stage, of a SERVICE, or of everything.\nCurrent within seconds.',
    )
    .option('--since <TIME>', 'How long before now: 15m, 24h, 7d', '1h')
    .option('--from <TIME>', 'Where the span begins instead, such as 2030-01-31T12:00:00Z')
    .option('--to <TIME>', 'Where it ends (default: now)')
    .addOption(
      new Option('--by <WHAT>', 'What is listed (default: route for a stage, stage otherwise)').choices([
        ...['route', 'key', 'plan', 'deployment', 'side', 'stage'],
        ...['status', 'plugin'],
      ]),
    )
    .addOption(
      new Option('--sort <WHAT>', 'What comes first in the list')
        .choices(['calls', 'failures', 'latency', 'p95', 'p99', 'bytes'])
        .default('calls'),
    )
    .option('--limit <N>', 'How many are listed at most', '10')
    .option('--route <ID>', 'Only requests of this method; - for those that matched none')
    .option('--key <NAME>', 'Only requests with this API key')
    .option('--plan <NAME>', 'Only requests through this usage plan')
    .option('--deployment <N>', 'Only requests that this deployment served')
    .option('--side <NAME>', 'Only requests that took this side of a traffic-split; with --route, of that of the route')
    .option('--compare', 'Also show the span of the same length before', false)
    .option('--csv', 'Print CSV: the points of the span, or with --by the list', false)
    .addOption(new Option('--granularity <WIDTH>', 'Width of the points').choices(['1m', '10m', '1h', '1d']))
    .option('--time-zone <NAME>', 'Whose days are meant, such as Europe/Berlin', 'UTC')
    .option('--live', 'Show each second as it comes, until Ctrl+C', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike stats\n  turnpike stats pets/production --since 24h --sort failures --compare\n  turnpike stats pets --by key --since 30d --csv\n  turnpike stats pets/production --live',
    )
    .action(async (target, options) => (await import('./stats.ts')).stats(target, options))
}

function addAudit(program: Command): void {
  withGlobals(program.command('audit'))
    .summary('who did what')
    .description('Show the audit log, the newest first: who, when, what. --json has before and after.')
    .option('--service <NAME>', 'Only about this service and what belongs to it: its name or id')
    .option('--actor <NAME>', 'Only what this user or token has done')
    .option('--action <NAME>', 'Only such actions: create, update, delete, deploy')
    .option('--kind <NAME>', 'Only of this kind of things: service, method, stage')
    .option('--from <TIME>', 'Nothing before this moment: ISO 8601')
    .option('--to <TIME>', 'Nothing from this moment on: ISO 8601')
    .option('--limit <N>', 'How many at most', '50')
    .addHelpText('after', '\nExample:\n  turnpike audit --service pets --action deploy')
    .action(async (options) => (await import('./audit.ts')).showAudit(options))
}

function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .summary('alert rules')
    .description('Alert rules of stages, and how they stand. What is changed holds at once.')
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike alerts set pets/production errors --kind server-errors --threshold 5\n  turnpike alerts list',
    )
  const load = () => import('./alerts.ts')

  withGlobals(alerts.command('list [service/stage]'))
    .summary('list alerts')
    .description('List the rules of all stages, or of one, and how they stand.')
    .action(async (target, options) => (await load()).listAlerts(target, options))

  withGlobals(alerts.command('set <service/stage> <name>'))
    .summary('make a rule, or change it')
    .description('Make a rule, or put it in the place of that of its name.')
    .addOption(
      new Option('--kind <KIND>', 'What it looks at')
        .choices(['server-errors', 'client-errors', 'latency', 'no-traffic', 'quota', 'certificate'])
        .makeOptionMandatory(),
    )
    .requiredOption('--threshold <N>', 'Percent, milliseconds or requests, as the kind says')
    .option('--window <MINUTES>', 'The last minutes that are looked at (default: 5)')
    .option('--for <MINUTES>', 'How long it must be breached before it fires (default: 2)')
    .option('--min-calls <N>', 'With fewer requests nothing is said of errors and latency (default: 20)')
    .option('--webhook <URL>', 'Where a POST is sent when it fires, and when it is resolved')
    .option('--secret-stdin', 'Read what messages are signed with from standard input; else it stays', false)
    .option('--no-secret', 'No longer sign messages')
    .action(async (target, name, options) => (await load()).setAlert(target, name, options))

  withGlobals(alerts.command('delete <service/stage> <name>'))
    .summary('delete a rule')
    .description('Delete a rule.')
    .action(async (target, name, options) => (await load()).deleteAlert(target, name, options))
}

function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('API keys')
    .description('API keys: who may call, and through which usage plan. What is changed holds at once.')
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike keys create acme\n  turnpike keys subscribe acme pets/production --plan gold\n  turnpike keys usage acme',
    )
  const load = () => import('./keys.ts')

  withGlobals(keys.command('list'))
    .summary('list keys')
    .description('List keys, or search for some.')
    .option('--search <TEXT>', 'Only those with this text in name or description', '')
    .addOption(
      new Option('--sort <FIELD>', 'By what; with a minus the other way round')
        .choices(['name', '-name', 'createdAt', '-createdAt', 'lastUsedAt', '-lastUsedAt'])
        .default('name'),
    )
    .option('--limit <N>', 'How many at most', '100')
    .action(async (options) => (await load()).listKeys(options))

  withGlobals(keys.command('create <name>'))
    .summary('make a key')
    .description('Make a key. Its two values, either of which is accepted, are shown this once.')
    .option('--description <TEXT>', 'Who has it, and what for')
    .option('--expires <TIME>', 'From when on it is refused, such as 2030-01-31')
    .option('--inactive', 'It is refused until it is made active', false)
    .option('--value-stdin', 'Read the primary value from standard input instead of making one', false)
    .action(async (name, options) => (await load()).createKey(name, options))

  withGlobals(keys.command('show <name>'))
    .summary('show a key')
    .description('Show a key, what it is subscribed to, and what it has used.')
    .action(async (name, options) => (await load()).showKey(name, options))

  withGlobals(keys.command('usage <name>'))
    .summary('show what a key has used')
    .description('Show what is left, when it begins anew, and why a request was last refused.')
    .action(async (name, options) => (await load()).showUsage(name, options))

  withGlobals(keys.command('update <name>'))
    .summary('change a key')
    .description('Change a key. It holds at once.')
    .option('--name <NAME>', 'Another name')
    .option('--description <TEXT>', 'Another description')
    .option('--expires <TIME>', 'From when on it is refused, such as 2030-01-31; or never')
    .option('--active', 'It is accepted')
    .option('--no-active', 'It is refused')
    .action(async (name, options) => (await load()).updateKey(name, options))

  withGlobals(keys.command('regenerate <name>'))
    .summary('replace a value of a key')
    .description('Replace a value of a key. The old one is refused at once; the other one stays.')
    .addOption(
      new Option('--which <VALUE>', 'Which of the two').choices(['primary', 'secondary']).makeOptionMandatory(),
    )
    .option('--value-stdin', 'Read the new value from standard input instead of making one', false)
    .action(async (name, options) => (await load()).regenerateKey(name, options))

  withGlobals(keys.command('delete <name>'))
    .summary('delete a key')
    .description('Delete a key. One that is subscribed cannot be deleted.')
    .action(async (name, options) => (await load()).deleteKey(name, options))

  withGlobals(keys.command('subscribe <name> <service/stage>'))
    .summary('let a key call a stage')
    .description('Let a key call a stage, through a plan that is connected to it; or move it to another plan.')
    .requiredOption('--plan <NAME>', 'The usage plan')
    .action(async (name, target, options) => (await load()).subscribeKey(name, target, options))

  withGlobals(keys.command('unsubscribe <name> <service/stage>'))
    .summary('let a key call a stage no more')
    .description('Let a key call a stage no more.')
    .action(async (name, target, options) => (await load()).unsubscribeKey(name, target, options))

  withGlobals(keys.command('import <file>'))
    .summary('make keys of a CSV file')
    .description(
      'Make keys of a CSV file: all of them, or none. FILE is a file, or - for standard input.\nIts first line names the columns: name, description, primary, secondary, active, expiresAt, subscriptions (SERVICE/STAGE=PLAN, separated by spaces). Only the name is needed.',
    )
    .option('--dry-run', 'Only say what would be done', false)
    .action(async (file, options) => (await load()).importKeys(file, options))

  withGlobals(keys.command('export'))
    .summary('write all keys as CSV')
    .description('Write all keys as CSV, without their values, which nobody has.')
    .option('-o, --output <FILE>', 'File to write (default: standard output)')
    .action(async (options) => (await load()).exportKeys(options))
}

function addCanary(program: Command): void {
  const canary = program
    .command('canary')
    .summary('try a deployment with a share of the callers')
    .description(
      'A deployment that serves a share of the callers of a stage, beside the one that is live, until it is promoted or aborted.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike canary start pets/production --share 5\n  turnpike canary set pets/production 50\n  turnpike canary promote pets/production',
    )
  const load = () => import('./canary.ts')

  withGlobals(canary.command('start <service/stage>'))
    .summary('start a canary')
    .description('Deploy a stage as it is for a share of its callers; or have a deployment of the past serve it.')
    .requiredOption('--share <PERCENT>', 'Share of the callers, such as 5 or 0.5')
    .option('--by <WHAT>', 'What callers are told by: client-ip, header:NAME or cookie:NAME', 'client-ip')
    .option('--deployment <NUMBER>', 'A deployment of the past, instead of a new one')
    .option('--note <TEXT>', 'Why, for the history', '')
    .option('--apply', 'Apply the draft first', false)
    .action(async (target, options) => (await load()).startCanary(target, options))

  withGlobals(canary.command('show <service/stage>'))
    .summary('show what both sides have done')
    .description('Show the canary of a stage, and what both sides have done since it started.')
    .action(async (target, options) => (await load()).showCanary(target, options))

  withGlobals(canary.command('set <service/stage> <percent>'))
    .summary('change the share')
    .description('Change the share of the callers. A larger one moves callers to the canary, and nobody back.')
    .action(async (target, share, options) => (await load()).setCanary(target, share, options))

  withGlobals(canary.command('promote <service/stage>'))
    .summary('make it live for all')
    .description('Make the deployment of the canary the live one, for all callers.')
    .action(async (target, options) => (await load()).promoteCanary(target, options))

  withGlobals(canary.command('abort <service/stage>'))
    .summary('end it')
    .description('End the canary: all callers are served by what is live. Its deployment stays in the history.')
    .action(async (target, options) => (await load()).abortCanary(target, options))
}

function addPlans(program: Command): void {
  const plans = program
    .command('plans')
    .summary('usage plans')
    .description(
      'Usage plans: how much keys may use of the stages that they are subscribed to. What is changed holds at once.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike plans create gold --rate 50 --burst 100 --quota 100000/month\n  turnpike plans connect gold pets/production',
    )
  const load = () => import('./plans.ts')
  const withLimits = (command: Command) =>
    command
      .option('--rate <N>', 'Requests per second of each key; or none')
      .option('--burst <N>', 'How many may come at once after a pause; or none for as many as the rate')
      .option('--quota <N/PERIOD>', 'How many in all, such as 10000/day or 100000/month; or none')
      .option('--description <TEXT>', 'What it is for')

  withGlobals(plans.command('list'))
    .summary('list plans')
    .description('List usage plans.')
    .action(async (options) => (await load()).listPlans(options))

  withGlobals(plans.command('show <name>'))
    .summary('show a plan')
    .description('Show a usage plan, and the stages that it is connected to.')
    .action(async (name, options) => (await load()).showPlan(name, options))

  withGlobals(withLimits(plans.command('create <name>')))
    .summary('make a plan')
    .description('Make a usage plan.')
    .action(async (name, options) => (await load()).createPlan(name, options))

  withGlobals(withLimits(plans.command('update <name>')))
    .summary('change a plan')
    .description('Change a usage plan. It holds at once, for all keys that are subscribed through it.')
    .option('--name <NAME>', 'Another name')
    .action(async (name, options) => (await load()).updatePlan(name, options))

  withGlobals(plans.command('delete <name>'))
    .summary('delete a plan')
    .description('Delete a usage plan. One that is connected to a stage cannot be deleted.')
    .action(async (name, options) => (await load()).deletePlan(name, options))

  withGlobals(plans.command('connect <name> <service/stage>'))
    .summary('connect a plan to a stage')
    .description('Connect a usage plan to a stage, so that keys can be subscribed to that through the plan.')
    .action(async (name, target, options) => (await load()).connectPlan(name, target, options))

  withGlobals(plans.command('disconnect <name> <service/stage>'))
    .summary('disconnect a plan from a stage')
    .description('Disconnect a usage plan from a stage. Not as long as keys are subscribed through it.')
    .action(async (name, target, options) => (await load()).disconnectPlan(name, target, options))
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
    .option('--prune', 'Delete services, stages, plans, keys and certificates that the files do not have', false)
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
