import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createService } from '../../src/control/create-service.ts'
import { createStage } from '../../src/control/create-stage.ts'
import { listServices } from '../../src/control/list-services.ts'
import { createModel } from '../../src/control/models.ts'
import { createVault } from '../../src/lib/vault.ts'
import { openStore } from '../../src/store/open.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/** What older versions have left is brought up to this one, with all that it holds. */

const open = (folder: string) =>
  openStore({
    folder,
    url: '',
    vault: createVault(Buffer.alloc(32, 1)),
    logger: { info: () => undefined, warn: () => undefined },
  })

test('services of before can be searched, and the database was copied first', async () => {
  const folder = temporaryFolder()
  const before = await open(folder)
  await before.inTransaction('ada', (unit) => createService(unit, { name: 'shop', description: 'Über PREISE' }))
  await before.close()
  const file = new DatabaseSync(join(folder, 'turnpike.db'))
  file.exec(
    "alter table services drop column search; drop index deployments_hash; delete from migrations where name like '0006%'",
  )
  const { name: last } = file.prepare('select max(name) as name from migrations').get() ?? {}
  file.close()

  const store = await open(folder)
  const request = { order: 'name', after: '', limit: 10, ids: null } as const
  const { items } = await store.inTransaction('ada', (unit) =>
    listServices(unit, { ...request, search: 'über preise' }),
  )
  assert.deepEqual(
    items.map(({ name }) => name),
    ['shop'],
  )
  await store.close()
  assert.ok(existsSync(join(folder, `turnpike-before-migration-${last}.db`)))
})

test('entries of the audit log from before tell which service they are about, where that can be told', async () => {
  const folder = temporaryFolder()
  const before = await open(folder)
  const made = await before.inTransaction('ada', async (unit) => {
    const service = await createService(unit, { name: 'shop', description: '' })
    const stage = await createStage(unit, service.id, { name: 'live' })
    await createModel(unit, service.id, { name: 'Pet', description: '', schema: {} }, null)
    await unit.audit.record({ action: 'create', kind: 'key', id: stage.id, before: null, after: null })
    return { service, stage }
  })
  await before.close()
  const file = new DatabaseSync(join(folder, 'turnpike.db'))
  file.exec(
    "drop index audit_service; alter table audit drop column service_id; alter table alerts drop column version; delete from migrations where name like '0017%'",
  )
  file.close()

  const store = await open(folder)
  const entries = await store.inTransaction('ada', (unit) => unit.audit.list({ limit: 10 }))
  assert.deepEqual(
    entries?.map(({ kind, serviceId }) => [kind, serviceId === made.service.id]),
    [
      ['key', false],
      ['model', true],
      ['stage', true],
      ['service', true],
    ],
  )
  await store.close()
})
