import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createVault, KEY_BYTES } from '../lib/vault.ts'
import { checkAttachments } from './check-plugins.ts'

/** The options that every attachment may carry. */

const check = (...attachments: unknown[]) =>
  checkAttachments(attachments, { place: 'path', pathVariables: ['id'], pointer: '/plugins', vault: null })
const mock = { plugin: 'mock', config: {} }
const guard = { plugin: 'request-size-limit', config: {} }

describe('what is accepted is kept', () => {
  const cases: [what: string, given: object, kept: object][] = [
    ['a condition', { when: 'request.method == "GET"' }, { when: 'request.method == "GET"' }],
    [
      'a condition on a path variable',
      { when: '"id" in request.pathVariables' },
      { when: '"id" in request.pathVariables' },
    ],
    ['before', { order: { before: 'request-id' } }, { order: { before: 'request-id' } }],
    ['after', { order: { after: 'mock' } }, { order: { after: 'mock' } }],
    ['shadow', { mode: 'shadow' }, { mode: 'shadow' }],
    ['the default mode, which is not stored', { mode: 'enforce' }, {}],
  ]
  for (const [what, given, kept] of cases) {
    test(what, () => {
      const { attachments, problems } = check({ ...guard, ...given })
      assert.deepEqual(problems, [])
      const { plugin: _, config: __, ...options } = attachments[0] as unknown as Record<string, unknown>
      assert.deepEqual(options, kept)
    })
  }
})

describe('what is wrong is refused where it stands', () => {
  const cases: [what: string, given: unknown[], path: string, told: RegExp][] = [
    ['a condition that is no text', [{ ...mock, when: true }], '/plugins/0/when', /is a text/],
    ['an empty condition', [{ ...mock, when: ' ' }], '/plugins/0/when', /leave "when" out/],
    [
      'a mistyped variable',
      [{ ...mock, when: 'request.pth == ""' }],
      '/plugins/0/when',
      /did you mean "request.path"\?.*At character/,
    ],
    [
      'a path variable that is not there',
      [{ ...mock, when: 'request.pathVariables["no"] == ""' }],
      '/plugins/0/when',
      /it has id/,
    ],
    ['an order that is a number', [{ ...mock, order: 3 }], '/plugins/0/order', /"before": PLUGIN/],
    ['an empty order', [{ ...mock, order: {} }], '/plugins/0/order', /one of the two/],
    [
      'both sides',
      [{ ...mock, order: { before: 'timeout', after: 'request-id' } }],
      '/plugins/0/order',
      /one of the two/,
    ],
    ['an unknown side', [{ ...mock, order: { first: 'timeout' } }], '/plugins/0/order', /"after": PLUGIN/],
    [
      'an unknown plugin',
      [{ ...mock, order: { before: 'request-idd' } }],
      '/plugins/0/order/before',
      /did you mean "request-id"/,
    ],
    ['itself', [{ ...mock, order: { after: 'mock' } }], '/plugins/0/order/after', /cannot run after itself/],
    ['an unknown mode', [{ ...guard, mode: 'off' }], '/plugins/0/mode', /"enforce" or "shadow"/],
    ['shadow where nothing is refused', [{ ...mock, mode: 'shadow' }], '/plugins/0/mode', /refuses no requests/],
    [
      'shadow where answers are changed',
      [{ plugin: 'cors', config: { origins: ['https://a.test'] }, mode: 'shadow' }],
      '/plugins/0/mode',
      /refuses no requests/,
    ],
    ['a condition on what is off', [{ plugin: 'mock', off: true, when: 'true' }], '/plugins/0/when', /switched off/],
    [
      'an order of what is off',
      [{ plugin: 'mock', off: true, order: { before: 'timeout' } }],
      '/plugins/0/order',
      /switched off/,
    ],
    ['a mode of what is off', [{ plugin: 'mock', off: true, mode: 'enforce' }], '/plugins/0/mode', /switched off/],
    [
      'a value that is none of the choices, in a list',
      [{ plugin: 'access-log', config: { sinks: [{ stdout: {} }], fields: ['status', 'tme'] } }],
      '/plugins/0/config/fields/1',
      /^"fields\/1" must be one of time, .* \(did you mean "time"\?\)\.$/,
    ],
    ['an unknown option', [{ ...mock, unless: 'true' }], '/plugins/0/unless', /"when", "order" and "mode"/],
    [
      'a circle',
      [
        mock,
        { ...guard, order: { after: 'timeout' } },
        { plugin: 'timeout', config: {}, order: { before: 'request-size-limit' } },
      ],
      '/plugins/2/order',
      /"timeout", "request-size-limit" are moved around one another/,
    ],
  ]
  for (const [what, given, path, told] of cases) {
    test(what, () => {
      const { problems } = check(...given)
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      )
      assert.match(problems[0]?.message ?? '', told)
    })
  }

  test('all of it at once', () => {
    const { problems } = check({ ...mock, when: 'nothing', order: { before: 'nothing' }, mode: 'shadow' })
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['/plugins/0/when', '/plugins/0/order/before', '/plugins/0/mode'],
    )
  })
})

describe('the backends of a plugin are checked as those of stages', () => {
  const pem = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name), 'utf8')
  const vault = createVault(Buffer.alloc(KEY_BYTES, 3))
  const side = (backend: object) => ({
    plugin: 'traffic-split',
    config: { sides: [{ name: 'stable' }, { name: 'canary', backend }] },
  })
  const target = (url: string) => ({ targets: [{ url }] })
  const at = (path: string) => `/plugins/0/config${path}`
  const cases: [what: string, given: object, path: string][] = [
    ['an address that no backend may have', side(target('http://169.254.169.254')), '/sides/1/backend/targets/0/url'],
    ['TLS where there is none', side({ ...target('http://a'), tls: {} }), '/sides/1/backend/tls'],
    [
      'a key of another certificate',
      side({ ...target('https://a'), tls: { certificate: pem('client.pem'), key: pem('other-key.pem') } }),
      '/sides/1/backend/tls/key',
    ],
    [
      'a mirror without a weight',
      { plugin: 'mirror', config: { backend: { targets: [{ url: 'http://a', weight: 0 }] } } },
      '/backend/targets',
    ],
  ]
  const site = { place: 'path', pathVariables: [], pointer: '/plugins', vault } as const
  for (const [what, given, path] of cases)
    test(what, () => {
      assert.deepEqual(
        checkAttachments([given], site).problems.map((problem) => problem.path),
        [at(path)],
      )
    })

  test('the key of a client certificate is encrypted when it is saved, and stays as it is from then on', () => {
    const tls = { certificate: pem('client.pem'), key: pem('client-key.pem') }
    const saved = checkAttachments([side({ ...target('https://a'), tls })], site)
    assert.deepEqual(saved.problems, [])
    assert.doesNotMatch(JSON.stringify(saved.attachments), /PRIVATE KEY/)
    const again = checkAttachments(saved.attachments, site)
    assert.deepEqual(again, saved)
  })
})
