import { type Command, Option } from 'commander'

/** Options that commands have in common. */

/** A command that calls the management API. */
export function withGlobals(command: Command): Command {
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
export function withSetup(command: Command): Command {
  return withGlobals(command)
    .requiredOption(
      '-f, --file <PATH>',
      'File, folder, or - for standard input; may be given several times',
      (path: string, all: string[] = []) => [...all, path],
    )
    .option('--prune', 'Delete services, stages, plans, keys and certificates that the files do not have', false)
    .option('--deploy', 'Apply the draft to the stages of the files, and deploy those that change', false)
}
