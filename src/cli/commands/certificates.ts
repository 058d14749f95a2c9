import { type Command, Option } from 'commander'
import { withGlobals } from './options.ts'

/** Commands about certificates. */

/** Adds `certificates`. */
export function addCertificates(program: Command): void {
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
  const load = () => import('../certificates.ts')

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
