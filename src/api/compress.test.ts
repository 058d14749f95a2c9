import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { compressAnswers } from './compress.ts'
import type { Api } from './context.ts'

const LARGE = JSON.stringify({ numbers: Array.from({ length: 1_000 }, (_, i) => i) })

async function server(): Promise<Api> {
  const api = fastify() as unknown as Api
  compressAnswers(api)
  const config = { permission: 'public' } as const
  api.get('/large', { config }, (_, reply) => reply.type('application/json').send(LARGE))
  api.get('/small', { config }, (_, reply) => reply.send('{}'))
  api.post('/large', { config }, (_, reply) => reply.type('application/json').send(LARGE))
  return api
}

const cases = [
  { name: 'a large answer, by brotli where both are taken', accept: 'gzip, deflate, br', coding: 'br' },
  { name: 'by gzip where only that is taken', accept: 'gzip', coding: 'gzip' },
  { name: 'by what the client likes best', accept: 'br;q=0.5, gzip', coding: 'gzip' },
  { name: 'not where a client takes none', accept: '', coding: undefined },
  { name: 'not where a client refuses both', accept: 'br;q=0, gzip;q=0', coding: undefined },
  { name: 'not what is small', path: '/small', accept: 'br', coding: undefined },
  { name: 'not what a change answers', method: 'POST', accept: 'br', coding: undefined },
] as const

for (const { name, accept, coding, ...given } of cases) {
  test(`compresses ${name}`, async () => {
    const api = await server()
    const [method, url] = ['method' in given ? given.method : 'GET', 'path' in given ? given.path : '/large'] as const
    const reply = await api.inject({ method, url, headers: accept === '' ? {} : { 'accept-encoding': accept } })
    assert.equal(reply.headers['content-encoding'], coding)
    assert.equal(reply.headers.vary, url === '/large' && method === 'GET' ? 'Accept-Encoding' : undefined)
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Buffer) => bytes }[coding ?? 'none']
    assert.equal(String(unpack(reply.rawPayload)), url === '/large' ? LARGE : '{}')
    assert.equal(Number(reply.headers['content-length']), reply.rawPayload.length)
  })
}
