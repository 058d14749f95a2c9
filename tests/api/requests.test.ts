import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { rawRequest } from '../support/raw.ts'
import { deployProxy, type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The last requests, through the API and the command line, without any access log. */

const SECRET = 'hush-77aa13'
let turnpike: Turnpike
let backend: Server
let pets = ''
before(async () => {
  backend = createServer((request, answer) => {
    answer.statusCode = request.url === '/fails' ? 503 : 200
    answer.end('x')
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '2', '--recent-requests', '1000'] })
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  pets = await deployProxy(turnpike, 'pets', url)
  await deployProxy(turnpike, 'toys', url)
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

const ask = (service: string, path: string, fields = '') =>
  rawRequest(
    turnpike.gatewayPort,
    `GET ${path} HTTP/1.1\r\nHost: ${service}.localhost\r\n${fields}Connection: close\r\n\r\n`,
  )

type Found = readonly { id: string; path: string; status: number; service: string | null }[]

async function list(query: string, token = turnpike.token): Promise<{ items: Found; next: string | null }> {
  const { body } = await turnpike.api('GET', query, undefined, { authorization: `Bearer ${token}` })
  return body as unknown as { items: Found; next: string | null }
}

/** Reads a live feed until it has told of a path. */
async function followUntil(
  path: string,
  wanted: string,
  doing: () => Promise<unknown>,
  token = turnpike.token,
): Promise<string> {
  const stop = new AbortController()
  const response = await fetch(`http://127.0.0.1:${turnpike.managementPort}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  })
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  let text = ''
  const reader = (response.body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader()
  text += (await reader.read()).value ?? ''
  await doing()
  while (!text.includes(wanted)) text += (await reader.read()).value ?? assert.fail(text)
  stop.abort()
  return text
}

describe('the last requests', () => {
  test('are listed newest first, with filters, page by page', async () => {
    for (let i = 0; i < 12; i++) await ask('pets', `/page/${i}`)
    await ask('pets', '/fails')
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: { items: Found; next: string | null } = await list(
        `/services/pets/stages/live/requests?limit=5&pathPrefix=/page${next === '' ? '' : `&before=${next}`}`,
      )
      seen.push(...page.items.map(({ path }) => path))
      next = page.next
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 12 }, (_, i) => `/page/${11 - i}`),
    )
    const failed = await list(`/services/${pets}/stages/live/requests?status=5xx`)
    assert.deepEqual(
      failed.items.map(({ path, status }) => [path, status]),
      [['/fails', 503]],
    )
  })

  test('one is found by the id that its answer had', async () => {
    const answer = await ask('pets', '/%2F')
    const id = /"requestId":"([0-9a-f]{32})"/.exec(answer)?.[1] ?? assert.fail(answer)
    const { body } = await turnpike.api('GET', `/requests/${id}`)
    assert.deepEqual(
      [body.id, body.status, body.error, body.service, body.route],
      [id, 400, 'invalid-uri', 'pets', null],
    )
  })

  test('those that no stage was found for are there too', async () => {
    await ask('nobody', '/lost')
    const { items } = await list('/requests?pathPrefix=/lost')
    assert.deepEqual(
      items.map(({ service, status }) => [service, status]),
      [[null, 404]],
    )
  })

  test('nothing of them is secret', async () => {
    await ask(
      'pets',
      `/planted?token=${SECRET}`,
      `Authorization: Bearer ${SECRET}\r\nCookie: a=${SECRET}\r\nX-API-Key: ${SECRET}\r\n`,
    )
    const { items } = await list('/requests?pathPrefix=/planted')
    assert.equal(items.length, 1)
    assert.ok(!JSON.stringify(items).includes(SECRET))
  })

  test('are told as they come', async () => {
    const text = await followUntil(
      '/services/pets/stages/live/requests/live?pathContains=live',
      '/live/2',
      async () => {
        await ask('toys', '/live/toys')
        await ask('pets', '/other')
        await ask('pets', '/live/1')
        await ask('pets', '/live/2')
      },
    )
    const told = [...text.matchAll(/^event: request\ndata: (.*)$/gm)].map(
      (match) => (JSON.parse(match[1] ?? '') as { path: string }).path,
    )
    // Two workers tell of theirs at their own times.
    assert.deepEqual(
      told.sort().filter((path) => path !== '/live/1'),
      ['/live/2'],
    )
  })

  test('questions that cannot be answered are refused', async () => {
    for (const [query, status] of [
      ['/requests?status=9xx', 400],
      ['/requests?clientIp=nowhere', 422],
      ['/requests?before=x', 400],
      ['/requests?limit=0', 400],
      ['/requests/0123', 404],
      ['/services/none/stages/live/requests', 404],
      ['/services/pets/stages/none/requests', 404],
    ] as const) {
      const answer = await turnpike.api('GET', query)
      assert.equal(answer.status, status, query)
    }
  })

  test('of a service are shown to those who may read it, and of others not even by id', async () => {
    await ask('pets', '/mine')
    const answer = await ask('toys', '/theirs/%2F')
    const theirs = /"requestId":"([0-9a-f]{32})"/.exec(answer)?.[1] ?? assert.fail(answer)
    await ask('nobody', '/mine')
    const created = await turnpike.api('POST', '/tokens', {
      name: 'pets only',
      role: null,
      serviceRoles: { pets: 'viewer' },
    })
    assert.equal(created.status, 201, JSON.stringify(created.body))
    const token = String((created.body as Json).value)
    const { items } = await list('/requests?limit=1000', token)
    assert.ok(items.length > 0)
    assert.deepEqual(new Set(items.map(({ service }) => service)), new Set(['pets']))
    const authorization = { authorization: `Bearer ${token}` }
    assert.equal((await turnpike.api('GET', `/requests/${theirs}`, undefined, authorization)).status, 404)
    assert.equal(
      (await turnpike.api('GET', '/services/toys/stages/live/requests', undefined, authorization)).status,
      403,
    )
    const told = await followUntil(
      '/requests/live',
      '/mine/too',
      async () => {
        await ask('toys', '/theirs/too')
        await ask('pets', '/mine/too')
      },
      token,
    )
    assert.ok(!told.includes('/theirs'), told)
  })
})

describe('turnpike logs', () => {
  const local = () => ({ env: { TURNPIKE_DATA: turnpike.data } })

  test('shows the last requests of a stage, one a line, oldest first', async () => {
    await ask('pets', '/cli/1')
    await ask('pets', '/cli/2', 'User-Agent: \x9b31m\r\n')
    const { stdout, code } = await runTurnpike(['logs', 'pets', '--path', '/cli', '-n', '2'], local())
    assert.equal(code, 0)
    const lines = stdout.trimEnd().split('\n')
    assert.equal(lines.length, 2)
    for (const [i, line] of lines.entries())
      assert.match(
        line,
        new RegExp(`^\\d{4}-\\S+Z  200 +[\\d.]+ ms  GET /cli/${i + 1}  pets/live  127\\.0\\.0\\.1  [0-9a-f]{32}$`),
      )
    const id = /[0-9a-f]{32}$/.exec(lines[1] ?? '')?.[0] ?? ''
    const shown = await runTurnpike(['logs', '--id', id], local())
    assert.match(shown.stdout, /^path +\/cli\/2$/m)
    assert.match(shown.stdout, /^userAgent +[^\x9b]31m$/m)
    const json = await runTurnpike(['logs', '--json', '--contains', 'cli/2'], local())
    assert.equal((JSON.parse(json.stdout) as { id: string }[])[0]?.id, id)
  })

  test('says what a status looks like', async () => {
    const { stderr, code } = await runTurnpike(['logs', 'pets', '--status', 'bad'], local())
    assert.equal(code, 2)
    assert.match(stderr, /"bad" is not a status: write 404, 5xx, or several with commas/)
  })

  test('says what is wrong', async () => {
    const unknown = await runTurnpike(['logs', '--id', 'nothing'], local())
    assert.deepEqual([unknown.code, unknown.stderr], [1, 'turnpike: There is no request "nothing".\n'])
    const none = await runTurnpike(['logs', 'pets', '--status', '418'], local())
    assert.equal(none.stdout, 'No such request is remembered.\n')
  })

  test('follows', async () => {
    const program = join(import.meta.dirname, '../../bin/turnpike.mjs')
    const child = spawn(process.execPath, [program, 'logs', '--follow', '--path', '/followed', '--json'], {
      env: { ...process.env, TURNPIKE_DATA: turnpike.data },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (part) => {
      text += part
    })
    try {
      // When it has begun to follow is not told: what comes before that is not shown.
      while (!text.includes('\n')) await ask('pets', '/followed/1')
      const [line = ''] = text.split('\n')
      assert.equal((JSON.parse(line) as { path: string }).path, '/followed/1')
    } finally {
      child.kill('SIGKILL')
    }
  })
})
