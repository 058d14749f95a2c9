import { type Kysely, sql } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/** What methods take and give, the models of services, and backends with several targets. */
export async function up(database: Kysely<Tables>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('models')
    .addColumn('service_id', 'text', (column) => column.notNull().references('services.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('dialect', 'text', (column) => column.notNull())
    .addColumn('schema', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('models_name', ['service_id', 'name'])
    .execute()
  const methods = schema.alterTable('methods')
  await methods.addColumn('operation_id', 'text', (column) => column.notNull().defaultTo('')).execute()
  await methods.addColumn('parameters', 'text', (column) => column.notNull().defaultTo('[]')).execute()
  await methods.addColumn('request_body', 'text', (column) => column.notNull().defaultTo('null')).execute()
  await methods.addColumn('responses', 'text', (column) => column.notNull().defaultTo('[]')).execute()
  await schema.alterTable('stages').addColumn('backend', 'text').execute()
  await backendsFromUrls(database)
  await schema.alterTable('stages').dropColumn('backend_url').execute()
}

type Row = Readonly<Record<string, string | null>>

/** Turns URLs into backends of one target: those of stages, of their overlays, and in what deployments were made of. */
async function backendsFromUrls(database: Kysely<Tables>): Promise<void> {
  const stages = await sql<Row>`select id, backend_url, overlay from stages`.execute(database)
  for (const { id, backend_url: url, overlay } of stages.rows) {
    const backend = url === null || url === undefined ? null : JSON.stringify(toBackend(url))
    const nodes = JSON.stringify(parseList(overlay).map(withBackend))
    await sql`update stages set backend = ${backend}, overlay = ${nodes} where id = ${id}`.execute(database)
  }
  const deployments = await sql<Row>`select id, settings from deployments where settings is not null`.execute(database)
  for (const { id, settings } of deployments.rows) {
    const before = JSON.parse(settings ?? '{}') as Fields
    const after = { ...withBackend(before), overlay: (before.overlay as Fields[]).map(withBackend) }
    await sql`update deployments set settings = ${JSON.stringify(after)} where id = ${id}`.execute(database)
  }
  // Revisions say nothing of backends; what they lack of methods is filled in, so that they compare with drafts of now.
  const revisions = await sql<Row>`select id, design from revisions`.execute(database)
  for (const { id, design } of revisions.rows) {
    const before = JSON.parse(design ?? '{}') as Fields
    const methods = (before.methods as Fields[]).map((method) => ({
      operationId: '',
      parameters: [],
      requestBody: null,
      responses: [],
      ...method,
    }))
    const after = JSON.stringify({ models: [], gatewayResponses: {}, ...before, methods })
    await sql`update revisions set design = ${after} where id = ${id}`.execute(database)
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseList(json: string | null | undefined): Fields[] {
  return JSON.parse(json ?? '[]')
}

function toBackend(url: unknown) {
  return { targets: [{ url, weight: 1 }] }
}

function withBackend({ backendUrl, ...fields }: Fields): Fields {
  return { ...fields, backend: backendUrl === null || backendUrl === undefined ? null : toBackend(backendUrl) }
}
