import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MethodResponse, Parameter } from '../model/interface.ts'
import { checkInterface, type Interface } from './check-interface.ts'

const parameter = (parts: Partial<Parameter>): Parameter => ({
  in: 'query',
  name: 'a',
  description: '',
  required: false,
  deprecated: false,
  schema: { type: 'string' },
  ...parts,
})
const response = (parts: Partial<MethodResponse>): MethodResponse => ({
  status: '200',
  description: '',
  headers: [],
  content: [],
  ...parts,
})
const body = (...contentTypes: string[]) => ({
  description: '',
  required: false,
  content: contentTypes.map((contentType) => ({ contentType, schema: { $ref: '#/models/Pet' } })),
})
const header = (name: string) => ({ name, description: '', required: false, schema: {} })

/** Checks a method of `/pets/{petId}/{rest+}`, in a service with the models Pet and Person. */
function check(parts: Partial<Interface>) {
  const method: Interface = { verb: 'POST', parameters: [], requestBody: null, responses: [], ...parts }
  return checkInterface(method, '/pets/{petId}/{rest+}', new Set(['Pet', 'Person']))
}

const wrong: readonly [title: string, parts: Partial<Interface>, path: string, message: RegExp][] = [
  [
    'a path parameter that the path does not have',
    { parameters: [parameter({ in: 'path', name: 'color' })] },
    '/parameters/0/name',
    /no variable "color".*petId, rest/,
  ],
  [
    'a path parameter that is misspelt',
    { parameters: [parameter({ in: 'path', name: 'petid' })] },
    '/parameters/0/name',
    /did you mean "petId"/,
  ],
  [
    'a name twice',
    { parameters: [parameter({}), parameter({})] },
    '/parameters/1/name',
    /already a query parameter "a"/,
  ],
  [
    'a header twice, in other letters',
    { parameters: [parameter({ in: 'header', name: 'X-A' }), parameter({ in: 'header', name: 'x-a' })] },
    '/parameters/1/name',
    /already/,
  ],
  [
    'a header that is none',
    { parameters: [parameter({ in: 'header', name: 'x y' })] },
    '/parameters/0/name',
    /not a header name/,
  ],
  [
    'a header that is described elsewhere',
    { parameters: [parameter({ in: 'header', name: 'Accept' })] },
    '/parameters/0/name',
    /content types of the responses/,
  ],
  [
    'a cookie that is none',
    { parameters: [parameter({ in: 'cookie', name: 'a;b' })] },
    '/parameters/0/name',
    /not a cookie name/,
  ],
  [
    'a form where there is no body',
    { verb: 'GET', parameters: [parameter({ in: 'form' })] },
    '/parameters/0/in',
    /GET has none/,
  ],
  [
    'a style of another place',
    { parameters: [parameter({ style: 'matrix' })] },
    '/parameters/0/style',
    /form, spaceDelimited/,
  ],
  [
    'a schema that is none',
    { parameters: [parameter({ schema: { type: 'text' } })] },
    '/parameters/0/schema/type',
    /not JSON Schema 2020-12/,
  ],
  [
    'a keyword of an old draft',
    { parameters: [parameter({ schema: { exclusiveMinimum: true } })] },
    '/parameters/0/schema/exclusiveMinimum',
    /2020-12/,
  ],
  [
    'a pattern that is none',
    { parameters: [parameter({ schema: { pattern: '(' } })] },
    '/parameters/0/schema/pattern',
    /regular expression/,
  ],
  [
    'a model that is not there',
    { parameters: [parameter({ schema: { $ref: '#/models/Pets' } })] },
    '/parameters/0/schema/$ref',
    /did you mean "Pet"/,
  ],
  [
    'a reference out of the service',
    { parameters: [parameter({ schema: { $ref: 'https://example.com/a.json' } })] },
    '/parameters/0/schema/$ref',
    /leads out of the service/,
  ],
  [
    'a reference to nothing',
    { parameters: [parameter({ schema: { $ref: '#/$defs/a' } })] },
    '/parameters/0/schema/$ref',
    /leads to nothing/,
  ],
  [
    'a content type twice',
    { requestBody: body('application/json', 'application/json') },
    '/requestBody/content/1/contentType',
    /already a body/,
  ],
  [
    'a form that is described twice',
    { parameters: [parameter({ in: 'form' })], requestBody: body('multipart/form-data') },
    '/requestBody/content/0/schema',
    /described by parameters already/,
  ],
  ['a status twice', { responses: [response({}), response({})] }, '/responses/1/status', /already a response 200/],
  [
    'a header of a response twice',
    { responses: [response({ headers: [header('X-A'), header('x-a')] })] },
    '/responses/0/headers/1/name',
    /already a header/,
  ],
  [
    'the type of a response as a header',
    { responses: [response({ headers: [header('Content-Type')] })] },
    '/responses/0/headers/0/name',
    /content types of the body/,
  ],
  [
    'a header of a response that is none',
    { responses: [response({ headers: [header('a b')] })] },
    '/responses/0/headers/0/name',
    /not a header name/,
  ],
]
describe('what is refused', () => {
  for (const [title, parts, path, message] of wrong) {
    test(title, () => {
      const [problem, ...others] = check(parts)
      assert.deepEqual(others, [])
      assert.equal(problem?.path, path)
      assert.match(problem?.message ?? '', message)
    })
  }

  test('all problems are told at once', () => {
    const parts = {
      parameters: [parameter({ in: 'path', name: 'x' }), parameter({ style: 'label' })],
      responses: [response({}), response({})],
    }
    assert.equal(check(parts).length, 3)
  })

  test('a schema that is too deep, or too large', () => {
    let deep: object = {}
    for (let i = 0; i < 200; i++) deep = { not: deep }
    assert.match(check({ parameters: [parameter({ schema: deep as never })] })[0]?.message ?? '', /levels deep/)
    const large = { enum: ['x'.repeat(1_100_000)] }
    assert.match(check({ parameters: [parameter({ schema: large })] })[0]?.message ?? '', /characters/)
  })
})

test('what is right', () => {
  const problems = check({
    parameters: [
      parameter({ in: 'path', name: 'petId', required: true }),
      parameter({ in: 'path', name: 'rest', required: true }),
      parameter({
        name: 'tags',
        schema: { type: 'array', items: { type: 'string' } },
        style: 'pipeDelimited',
        explode: false,
      }),
      parameter({ in: 'header', name: 'x-a' }),
      parameter({ in: 'cookie', name: 'a' }),
      parameter({ in: 'form', name: 'a', schema: { $defs: { a: true }, $ref: '#/$defs/a' } }),
    ],
    requestBody: body('application/json', 'application/xml'),
    responses: [
      response({
        headers: [header('x-next')],
        content: [{ contentType: 'application/json', schema: { items: { $ref: '#/models/Person' } } }],
      }),
      response({ status: '4XX' }),
      response({ status: 'default' }),
    ],
  })
  assert.deepEqual(problems, [])
})
