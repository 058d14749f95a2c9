import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Default } from 'typebox/value'
import { type ExchangeParts, exchange, fakeEnv } from './fake-exchange.ts'
import { mirror } from './mirror.ts'
import type { PluginEnv } from './plugin.ts'

type Config = Parameters<typeof mirror.create>[0]
const backend = { targets: [{ url: 'http://127.0.0.1:3001', weight: 1 }] }
const settings = (config: object = {}) => Default(mirror.config, { backend, ...config }) as Config

function send(config: object, parts: ExchangeParts = {}, env: Partial<PluginEnv> = {}) {
  const handlers = mirror.create(settings(config), fakeEnv(env))
  const x = exchange(parts)
  handlers.onRequest?.(x)
  return { plan: x.mirror, words: handlers.describe?.(x) }
}

describe('which requests are copied', () => {
  const cases: [what: string, config: object, random: number, headers: Record<string, string>, isCopied: boolean][] = [
    ['all', {}, 0.999, {}, true],
    ['a share', { percent: 10 }, 0.099, {}, true],
    ['not the others', { percent: 10 }, 0.1, {}, false],
    ['none', { percent: 0 }, 0, {}, false],
    ['not one that is a copy', {}, 0, { 'x-mirrored': '1' }, false],
    ['not one that is a copy by another name', { mark: 'X-Shadow' }, 0, { 'x-shadow': '1' }, false],
    ['one that is a copy by a name that is not ours', { mark: 'X-Shadow' }, 0, { 'x-mirrored': '1' }, true],
  ]
  for (const [what, config, random, headers, isCopied] of cases)
    test(what, () => assert.equal(send(config, { headers }, { random: () => random }).plan !== null, isCopied))
})

test('settings become the plan', () => {
  const { plan, words } = send({ path: '/b', host: 'client', timeout: 2, maxUnderWay: 3, maxBodyBytes: 4 })
  const { to, count: _, ...rest } = plan ?? assert.fail()
  assert.equal(to.name, 'mirror/b')
  assert.deepEqual(rest, {
    maxBodyBytes: 4,
    gate: { underWay: 0 },
    mostUnderWay: 3,
    timeoutMs: 2_000,
    mark: 'X-Mirrored',
    keepsHost: true,
  })
  assert.deepEqual(words, ['copied to mirror/b; 0 under way'])
})

test('all routes of a stage that copy to one backend have one gate', () => {
  const { shared } = fakeEnv()
  const gate = (stageId: string, routeId: string) =>
    send({}, {}, { shared, scope: { ...fakeEnv().scope, stageId, routeId } }).plan?.gate ?? assert.fail()
  assert.equal(gate('s1', 'r1'), gate('s1', 'r2'))
  assert.notEqual(gate('s1', 'r1'), gate('s2', 'r1'))
})

describe('refuses', () => {
  const cases: [what: string, config: object, path: string][] = [
    ['a mark that is no header', { mark: 'a b' }, '/mark'],
    ['a mark that says how long a body is', { mark: 'Content-Length' }, '/mark'],
    ['a mark that says whom it is for', { mark: 'Host' }, '/mark'],
    ['a path with an unknown variable', { path: '/${request.path.no}' }, '/path'],
  ]
  for (const [what, config, path] of cases)
    test(what, () => {
      const problems = mirror.check?.(settings(config), { pathVariables: [] }) ?? []
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      )
    })
})
