import { type Command, Option } from 'commander'
import { withGlobals, withSetup } from './options.ts'

/** Commands that read and write documents: OpenAPI, and whole setups. */

/** Adds `import`, `export`, `plan`, `apply`, `openapi` and `lint`. */
export function addDocuments(program: Command): void {
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
    .action(async (source, options) => (await import('../import.ts')).importDocument(source, options))

  withGlobals(program.command('openapi <service>'))
    .summary('print an OpenAPI document')
    .description(
      'Print the design of a service as a document that imports as exactly this design; or, of SERVICE/STAGE, the document of what is live for its clients. YAML, or JSON with --json.',
    )
    .addOption(
      new Option('--format <FORMAT>', 'Of a design').choices(['openapi-3.1', 'swagger-2.0']).default('openapi-3.1'),
    )
    .action(async (target, options) => (await import('../openapi.ts')).openApi(target, options))

  withGlobals(program.command('lint <service>'))
    .summary('show what is wrong with a design')
    .description('Show what is wrong with the draft of a service, or with SERVICE/STAGE and the design that it runs.')
    .option('--info', 'Also show what it is enough to know', false)
    .addHelpText('after', '\nExamples:\n  turnpike lint pets\n  turnpike lint pets/production --info')
    .action(async (target, options) => (await import('../lint.ts')).lint(target, options))

  withGlobals(program.command('export [service...]'))
    .summary('write the setup as one file')
    .description(
      'Write the setup as one file: all of it, or the services that are named alone.\nApplied to where it comes from, it changes nothing.',
    )
    .option('-o, --output <FILE>', 'File to write (default: standard output)')
    .addHelpText('after', '\nExamples:\n  turnpike export > turnpike.yaml\n  turnpike export pets -o pets.yaml')
    .action(async (services, options) => (await import('../export.ts')).exportSetup(services, options))

  withSetup(program.command('plan'))
    .summary('show what applying a file would change')
    .description('Show what applying a setup would change. Nothing is written.')
    .option('--detailed-exitcode', 'End with 3 where something would change', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike plan -f turnpike.yaml\n  turnpike plan -f setup/ --prune --detailed-exitcode',
    )
    .action(async (options) => (await import('../plan.ts')).plan(options))

  withSetup(program.command('apply'))
    .summary('make the setup what a file says')
    .description('Make the setup what a file says: all of it or nothing. Shows the plan first, and asks.')
    .option('--note <TEXT>', 'Note of the deployments', '')
    .option('-y, --yes', 'Do not ask', false)
    .addHelpText(
      'after',
      '\nExamples:\n  turnpike apply -f turnpike.yaml\n  turnpike apply -f setup/ --prune --deploy --yes',
    )
    .action(async (options) => (await import('../apply.ts')).apply(options))
}
