import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** What methods take and give, and the models of a service; through the management API. */

let turnpike: Turnpike
let lastName = 0
before(async () => {
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
})
after(() => turnpike.stop())

/** A service with the models Pet and Person (which refer to one another) and POST /pets/{id}, which takes a Pet. */
async function newService() {
  const name = `s${++lastName}`
  await call(turnpike, 'POST', '/services', { name })
  const at = `/services/${name}`
  await call(turnpike, 'POST', `${at}/models`, { name: 'Pet', schema: { type: 'object' } })
  const owner = { properties: { pets: { items: { $ref: '#/models/Pet' } } } }
  await call(turnpike, 'POST', `${at}/models`, { name: 'Person', schema: owner, dialect: 'draft-04' })
  const person = { properties: { owner: { $ref: '#/models/Person' } } }
  await call(turnpike, 'PATCH', `${at}/models/Pet`, { schema: person })
  const { id } = await call(turnpike, 'POST', `${at}/resources`, { path: '/pets/{id}' })
  const method = await call(turnpike, 'POST', `${at}/resources/${id}/methods`, {
    verb: 'POST',
    operationId: 'savePet',
    parameters: [{ in: 'path', name: 'id', schema: { type: 'integer' } }],
    requestBody: { content: [{ contentType: 'application/json', schema: { $ref: '#/models/Pet' } }] },
    responses: [{ status: '204' }],
  })
  return { at, resource: `${at}/resources/${id}`, method }
}

test('what a method takes and gives is kept, with its defaults', async () => {
  const { at, method } = await newService()
  const read = await call(turnpike, 'GET', `${at}/methods/${method.id}`)
  assert.deepEqual({ ...read, warnings: [] }, method)
  assert.deepEqual(read.parameters?.[0], {
    in: 'path',
    name: 'id',
    description: '',
    required: true,
    deprecated: false,
    schema: { type: 'integer' },
  })
  assert.deepEqual(read.responses, [{ status: '204', description: '', headers: [], content: [] }])
})

test('a model says by what it is used', async () => {
  const { at } = await newService()
  const { usedBy } = await call(turnpike, 'GET', `${at}/models/Pet`)
  assert.deepEqual(usedBy, [
    { model: 'Pet', by: 'model Person', pointer: '/schema/properties/pets/items/$ref' },
    { model: 'Pet', by: 'POST /pets/{id}', pointer: '/requestBody/content/0/schema/$ref' },
  ])
})

test('the list says how many others use each', async () => {
  const { at } = await newService()
  await call(turnpike, 'POST', `${at}/models`, { name: 'Self', schema: { items: { $ref: '#/models/Self' } } })
  const { items } = await call(turnpike, 'GET', `${at}/models`)
  const counts = (items as unknown as Json[]).map(({ name, useCount }) => [name, useCount])
  assert.deepEqual(counts.toSorted(), [
    ['Person', 1],
    ['Pet', 2],
    ['Self', 0],
  ])
})

describe('what is refused, and changes nothing', () => {
  type Made = Awaited<ReturnType<typeof newService>>
  const cases: readonly [
    what: string,
    request: (made: Made) => [string, string, unknown?],
    status: number,
    told: RegExp,
  ][] = [
    [
      'a model with a name that is none',
      ({ at }) => ['POST', `${at}/models`, { name: 'a b', schema: {} }],
      400,
      /\/name/,
    ],
    ['a name that is taken', ({ at }) => ['POST', `${at}/models`, { name: 'Pet', schema: {} }], 409, /another name/],
    [
      'a schema that is none',
      ({ at }) => ['POST', `${at}/models`, { name: 'A', schema: { type: 'x' } }],
      422,
      /\/schema\/type/,
    ],
    [
      'a reference to no model',
      ({ at }) => ['POST', `${at}/models`, { name: 'A', schema: { $ref: '#/models/Pat' } }],
      422,
      /did you mean \\"Pet\\"/,
    ],
    ['another name', ({ at }) => ['PATCH', `${at}/models/Pet`, { name: 'Cat' }], 400, /\/name/],
    ['a schema of another dialect', ({ at }) => ['PATCH', `${at}/models/Person`, { schema: true }], 422, /draft-04/],
    [
      'the deletion of a model in use',
      ({ at }) => ['DELETE', `${at}/models/Pet`],
      409,
      /used by model Person, POST \/pets\/\{id\}/,
    ],
    ['a model that is not there', ({ at }) => ['GET', `${at}/models/Nobody`], 404, /Nobody/],
    [
      'a parameter that the path does not have',
      ({ at, method }) => [
        'PATCH',
        `${at}/methods/${method.id}`,
        { parameters: [{ in: 'path', name: 'x', schema: {} }] },
      ],
      422,
      /\/parameters\/0\/name/,
    ],
    [
      'a method that refers to no model',
      ({ resource }) => [
        'POST',
        `${resource}/methods`,
        {
          verb: 'GET',
          responses: [{ status: '200', content: [{ contentType: 'a/b', schema: { $ref: '#/models/X' } }] }],
        },
      ],
      422,
      /\/responses\/0\/content\/0\/schema\/\$ref/,
    ],
    [
      'a status that is none',
      ({ resource }) => ['POST', `${resource}/methods`, { verb: 'GET', responses: [{ status: '2000' }] }],
      400,
      /\/responses\/0\/status/,
    ],
  ]
  for (const [what, request, status, told] of cases) {
    test(what, async () => {
      const made = await newService()
      const version = (await call(turnpike, 'GET', made.at)).version
      const [method, path, body] = request(made)
      const answer = await turnpike.api(method, path, body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(JSON.stringify(answer.body), told)
      assert.equal((await call(turnpike, 'GET', made.at)).version, version)
    })
  }
})

test('a model that nothing uses any more can be deleted', async () => {
  const { at, method } = await newService()
  await call(turnpike, 'PATCH', `${at}/methods/${method.id}`, { requestBody: null })
  await call(turnpike, 'PATCH', `${at}/models/Person`, { schema: {} })
  assert.equal((await turnpike.api('DELETE', `${at}/models/Pet`)).status, 204)
})

test('a model is a part of the design: it is applied, compared and restored', async () => {
  const { at } = await newService()
  await call(turnpike, 'POST', `${at}/stages`, { name: 'live', backend: { targets: [{ url: 'http://127.0.0.1:9' }] } })
  await call(turnpike, 'POST', `${at}/stages/live/deployments`, {})
  await call(turnpike, 'PATCH', `${at}/models/Pet`, { description: 'An animal' })
  const { draft } = await call(turnpike, 'GET', `${at}/stages/live/changes`)
  assert.deepEqual(
    (draft as unknown as Json[]).map(({ text }) => text),
    ['model Pet: description is "An animal" instead of ""'],
  )
})
