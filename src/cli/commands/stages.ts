import type { Command } from 'commander'
import { withGlobals } from './options.ts'

/** Commands about what is live. */

/** Adds `deploy`, `diff`, `history`, `rollback` and `explain`. */
export function addStages(program: Command): void {
  withGlobals(program.command('deploy <service/stage>'))
    .summary('make a stage live as it is')
    .description(
      'Make a stage live as it is now. SERVICE alone means its default stage.\nChanges of the design wait in the draft until they are applied to the stage.',
    )
    .option('--apply', 'Apply the draft to the stage first', false)
    .option('--note <TEXT>', 'Why', '')
    .addHelpText('after', '\nExample:\n  turnpike deploy pets/production --apply --note "New prices"')
    .action(async (target, options) => (await import('../deploy.ts')).deploy(target, options))

  withGlobals(program.command('diff <service/stage> [from] [to]'))
    .summary('show what is different')
    .description('Show what is different between draft, stage and live; or between two deployments, by their numbers.')
    .addHelpText('after', '\nExamples:\n  turnpike diff pets\n  turnpike diff pets/production 3 4')
    .action(async (target, from, to, options) => (await import('../diff.ts')).diff(target, from, to, options))

  withGlobals(program.command('history <service/stage>'))
    .summary("show a stage's deployments")
    .description('Show the deployments of a stage, the newest first.')
    .addHelpText('after', '\nExample:\n  turnpike history pets')
    .action(async (target, options) => (await import('../history.ts')).history(target, options))

  withGlobals(program.command('rollback <service/stage> <number>'))
    .summary('make a deployment of the past live again')
    .description('Make a deployment of the past live again, at once. The settings of the stage stay as they are.')
    .addHelpText('after', '\nExample:\n  turnpike rollback pets/production 3')
    .action(async (target, number, options) => (await import('../roll-back.ts')).rollBack(target, number, options))

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
      (await import('../explain.ts')).explain(target, method, path, options),
    )
}

/** Adds `canary`. */
export function addCanary(program: Command): void {
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
  const load = () => import('../canary.ts')

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
