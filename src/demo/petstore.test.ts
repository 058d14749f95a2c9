import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Demo, startDemo } from './petstore.ts'

let demo: Demo
before(async () => {
  demo = await startDemo({ port: 0 })
})
after(() => demo.close())

const cases: [request: string, status: number][] = [
  ['GET /pets', 200],
  ['GET /pets?kind=cat', 200],
  ['GET /pets/1', 200],
  ['GET /pets/999', 404],
  ['GET /status/503', 503],
  ['GET /status/999', 400],
  ['GET /slow?ms=1', 200],
  ['GET /echo', 200],
  ['GET /nothing', 404],
  ['POST /pets {"name":"Kit"}', 201],
  ['POST /pets no pet', 400],
  ['DELETE /pets/2', 204],
]
for (const [request, status] of cases) {
  test(`${request} answers ${status}`, async () => {
    const [method = '', path = '', ...body] = request.split(' ')
    const response = await fetch(demo.url + path, { method, ...(body.length > 0 && { body: body.join(' ') }) })
    assert.equal(response.status, status)
    await response.arrayBuffer()
  })
}

test('every operation of its document is there', () => assert.match(demo.document, /^openapi: 3\.1/))
