import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { askSystem } from '../../src/gateway/backend/resolver.ts'
import { NameServer } from '../support/name-server.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/** How addresses are asked for: of a real name server, over UDP. */

describe('the system', () => {
  let server: NameServer
  const hosts = join(temporaryFolder(), 'hosts')
  before(async () => {
    server = await NameServer.start({
      'a.test': ['10.0.0.1', '10.0.0.2'],
      'broken.test': 'SERVFAIL',
      'listed.test': ['10.0.0.9'],
    })
    server.ttlSeconds = 7
    writeFileSync(hosts, '# names\n127.0.0.1 localhost\n10.1.0.1  LISTED.test other # and more\nnonsense listed.test\n')
  })
  after(() => server.close())
  const ask = (name: string) => askSystem([`127.0.0.1:${server.port}`], hosts)(name)

  test('says addresses, and for how long', async () => {
    const { addresses, ttlMs } = await ask('a.test')
    assert.deepEqual([addresses.toSorted(), ttlMs], [['10.0.0.1', '10.0.0.2'], 7_000])
  })

  test('the hosts file comes first', async () =>
    assert.deepEqual(await ask('listed.test'), { addresses: ['10.1.0.1'], ttlMs: 10_000 }))

  test('a server that fails is told from a name that is not there', async () => {
    await assert.rejects(ask('broken.test'), { code: 'ESERVFAIL' })
    await assert.rejects(ask('nowhere.test'), { code: 'ENOTFOUND' })
  })

  test('without servers of its own, the system is asked for what they do not know', async () => {
    const { addresses } = await askSystem([], '/nonexistent')('localhost')
    assert.ok(addresses.length > 0)
  })
})
