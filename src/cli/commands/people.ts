import type { Command } from 'commander'
import { withGlobals } from './options.ts'

/** Commands about who one is to a server. */

/** Adds `login`, `logout` and `whoami`. */
export function addPeople(program: Command): void {
  withGlobals(program.command('login'))
    .summary('log in to a server')
    .description('Log in to a server with name and password, and keep a token with your rights for the other commands.')
    .option('--name <NAME>', 'Name of the user')
    .option('--password-stdin', 'Read the password from standard input', false)
    .option('--expires <DAYS>', 'Days after which the token expires', '30')
    .addHelpText('after', '\nExample:\n  turnpike login --url https://gateway.example.com:9000 --name ada')
    .action(async (options) => (await import('../log-in.ts')).logIn(options))

  withGlobals(program.command('logout'))
    .summary('log out of a server')
    .description('Revoke the token that "turnpike login" has kept, and forget it.')
    .addHelpText('after', '\nExample:\n  turnpike logout --url https://gateway.example.com:9000')
    .action(async (options) => (await import('../log-in.ts')).logOut(options))

  withGlobals(program.command('whoami'))
    .summary('show who you are to a server')
    .description('Show who you are to a server, and what you may do there.')
    .addHelpText('after', '\nExample:\n  turnpike whoami')
    .action(async (options) => (await import('../log-in.ts')).whoAmI(options))
}
