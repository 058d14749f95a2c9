import { type Command, Option } from 'commander'
import { withGlobals } from './options.ts'

/** Commands that show what happens. */

/** Adds `status`, `backends`, `logs`, `stats`, `alerts` and `audit`. */
export function addWatching(program: Command): void {
  withGlobals(program.command('status'))
    .summary('show workers, stages and requests')
    .description('Show the workers, the stages that are live, and the requests so far.')
    .addHelpText('after', '\nExample:\n  turnpike status --json')
    .action(async (options) => (await import('../status.ts')).status(options))

  withGlobals(program.command('backends <service/stage>'))
    .summary('show how the targets of a stage are')
    .description(
      'Show the targets that a stage sends its requests to: which are healthy, which are left out and why, and what they have to do.\nTARGET is SERVICE/STAGE, or SERVICE for its default stage.',
    )
    .addHelpText('after', '\nExample:\n  turnpike backends pets/production')
    .action(async (target, options) => (await import('../backends.ts')).backends(target, options))

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
    .action(async (target, options) => (await import('../logs.ts')).logs(target, options))

  addStats(program)
  addAlerts(program)
  addAudit(program)
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
    .action(async (target, options) => (await import('../stats.ts')).stats(target, options))
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
  const load = () => import('../alerts.ts')

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
    .action(async (options) => (await import('../audit.ts')).showAudit(options))
}
