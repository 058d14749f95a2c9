import { type Command, Option } from 'commander'
import { withGlobals } from './options.ts'

/** Commands about API keys and usage plans. */

/** Adds `keys`. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('API keys')
    .description('API keys: who may call, and through which usage plan. What is changed holds at once.')
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike keys create acme\n  turnpike keys subscribe acme pets/production --plan gold\n  turnpike keys usage acme',
    )
  const load = () => import('../keys.ts')

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

/** Adds `plans`. */
export function addPlans(program: Command): void {
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
  const load = () => import('../plans.ts')
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
