import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { referencePages } from '../../src/plugins/reference.ts'
import { plugins } from '../../src/plugins/registry.ts'
import { call, deployDesign } from '../support/design.ts'
import { rawRequest } from '../support/raw.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Every plugin, with the settings of its reference page, goes all ways: saved, deployed, asked, explained, exported and imported. */

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

const pages = new Map(referencePages().map(({ file, text }) => [file, text]))
const PUBLIC_KEY_SETTINGS = { secrets: [{ algorithm: 'HS256', secret: 'x'.repeat(32) }] }

/** The one that the example of `restriction-policy` names. */
const POLICY = { name: 'tenants', key: { in: 'header', name: 'x-tenant' } }

for (const { name, attach } of plugins)
  describe(name, () => {
    const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(pages.get(`${name}.md`) ?? '')?.[1] ?? '') as Json
    // Nobody asks a server that is not there.
    const attachment = name === 'jwt' ? { plugin: name, config: PUBLIC_KEY_SETTINGS } : example
    const service = `every-${name}`.slice(0, 30).replace(/-$/, '')

    test('is saved, deployed and runs', async () => {
      const place = (attach as readonly string[]).includes('path') ? { plugins: [attachment] } : {}
      const stage = 'plugins' in place ? {} : { plugins: [attachment] }
      await deployDesign(
        turnpike,
        service,
        { '/a': { ...place, methods: { GET: { backend: { kind: 'mock', body: 'x' } } } } },
        stage,
        [POLICY],
      )
      const head = `GET /a HTTP/1.1\r\nHost: ${service}.localhost\r\nConnection: close\r\n\r\n`
      const status = Number((await rawRequest(turnpike.gatewayPort, head)).slice(9, 12))
      assert.ok(status >= 200 && status < 600 && status !== 500, `${status}`)
    })

    test('is explained', async () => {
      const explained = await call(turnpike, 'POST', `/services/${service}/stages/live/explain`, {
        request: { target: '/a' },
      })
      assert.ok(JSON.stringify(explained).includes(`"${name}"`))
    })

    test('comes back from every export as it is', async () => {
      for (const format of ['openapi-3.1', 'swagger-2.0']) {
        const document = JSON.stringify(await call(turnpike, 'GET', `/services/${service}/openapi?format=${format}`))
        assert.ok(document.includes(`"${name}"`) || !(attach as readonly string[]).includes('path'))
        const { changes } = await call(turnpike, 'POST', '/imports', { service, document, mode: 'replace' })
        assert.deepEqual(changes, [], format)
      }
      const setup = await call(turnpike, 'GET', `/declarative?service=${service}`)
      const { changes } = await call(turnpike, 'POST', '/declarative/plan', { document: setup })
      assert.deepEqual(changes, [])
    })
  })
