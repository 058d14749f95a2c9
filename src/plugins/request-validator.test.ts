import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ExchangeParts, exchange, fakeEnv } from './fake-exchange.ts'
import type { Outcome, RouteInterface, RouteParameter } from './plugin.ts'
import { requestValidator } from './request-validator.ts'

type Config = Parameters<typeof requestValidator.create>[0]
const config: Config = {
  parameters: true,
  contentTypes: true,
  body: true,
  unknownQuery: 'ignore',
  maxBodyBytes: 1_048_576,
}

const schemas: RouteInterface['schemas'] = {
  Pet: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', pattern: '^[a-z]+$' },
      age: { type: 'integer', minimum: 0 },
      parent: { $ref: '#/models/Pet' },
      born: { type: 'string', format: 'date' },
    },
    additionalProperties: false,
  },
  Tag: { type: 'string', enum: ['a', 'b'] },
  Never: false,
}
type Short = Partial<RouteParameter> & Pick<RouteParameter, 'in' | 'name'>
const parameter = (given: Short): RouteParameter => ({ required: false, schema: true, ...given })
const body = (schema: RouteInterface['schemas'][string], required = true) => ({
  required,
  content: [{ contentType: 'application/json', schema }],
})

function ask(
  method: Partial<Omit<RouteInterface, 'parameters'>> & { parameters?: Short[] },
  parts: ExchangeParts,
  settings: Partial<Config> = {},
): string[] | string {
  const { parameters = [], requestBody = null } = method
  const { onRequest } = requestValidator.create({ ...config, ...settings }, fakeEnv(), {
    parameters: parameters.map(parameter),
    requestBody,
    schemas,
  })
  const outcome = onRequest?.(exchange(parts)) as Outcome
  if (outcome === undefined) return []
  if (!('reply' in outcome)) return 'no reply'
  return outcome.reply === 'validation-failed'
    ? (outcome.errors ?? []).map(({ path, message }) => `${path} ${message}`)
    : outcome.reply
}
const json = (value: unknown): ExchangeParts => ({
  method: 'POST',
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
})

describe('parameters', () => {
  const integer = { type: 'integer', minimum: 1 } as const
  const list = { type: 'array', items: { type: 'integer' }, maxItems: 3 } as const
  const cases: [what: string, parameter: Short, parts: ExchangeParts, problems: RegExp | null][] = [
    ['an integer', { in: 'query', name: 'n', schema: integer }, { query: 'n=3' }, null],
    [
      'an integer that is a text',
      { in: 'query', name: 'n', schema: integer },
      { query: 'n=x' },
      /^\/query\/n must be integer$/,
    ],
    ['an integer with a fraction', { in: 'query', name: 'n', schema: integer }, { query: 'n=1.5' }, /must be integer/],
    [
      'an integer in another notation',
      { in: 'query', name: 'n', schema: integer },
      { query: 'n=0x1' },
      /must be integer/,
    ],
    ['an integer below the minimum', { in: 'query', name: 'n', schema: integer }, { query: 'n=0' }, /must be >= 1/],
    ['an integer twice', { in: 'query', name: 'n', schema: integer }, { query: 'n=1&n=2' }, /must be integer/],
    ['what is required and missing', { in: 'query', name: 'n', required: true }, {}, /^\/query\/n is missing$/],
    ['what is not required and missing', { in: 'query', name: 'n', schema: integer }, {}, null],
    ['an empty text', { in: 'query', name: 'n', schema: integer }, { query: 'n=' }, /must be integer/],
    ['null where it may be', { in: 'query', name: 'n', schema: { type: ['integer', 'null'] } }, { query: 'n=' }, null],
    ['a boolean', { in: 'query', name: 'b', schema: { type: 'boolean' } }, { query: 'b=true' }, null],
    [
      'a boolean as a number',
      { in: 'query', name: 'b', schema: { type: 'boolean' } },
      { query: 'b=1' },
      /must be boolean/,
    ],
    [
      'a text that looks like a number',
      { in: 'query', name: 's', schema: { type: 'string' } },
      { query: 's=12' },
      null,
    ],
    ['a list', { in: 'query', name: 'l', schema: list }, { query: 'l=1&l=2' }, null],
    ['a list of one', { in: 'query', name: 'l', schema: list }, { query: 'l=1' }, null],
    [
      'a list that is too long',
      { in: 'query', name: 'l', schema: list },
      { query: 'l=1&l=2&l=3&l=4' },
      /must NOT have more than 3 items/,
    ],
    ['a list with commas', { in: 'query', name: 'l', schema: list, explode: false }, { query: 'l=1,2' }, null],
    [
      'a list with pipes',
      { in: 'query', name: 'l', schema: list, style: 'pipeDelimited' },
      { query: 'l=1%7Cx' },
      /^\/query\/l\/1 must be integer$/,
    ],
    [
      'a model',
      { in: 'query', name: 't', schema: { $ref: '#/models/Tag' } },
      { query: 't=c' },
      /must be equal to one of the allowed values \("a", "b"\)/,
    ],
    [
      'a deep object',
      { in: 'query', name: 'f', style: 'deepObject', schema: { $ref: '#/models/Pet' } },
      { query: 'f[name]=ada&f[age]=3' },
      null,
    ],
    [
      'a deep object that is wrong',
      { in: 'query', name: 'f', style: 'deepObject', schema: { $ref: '#/models/Pet' } },
      { query: 'f[name]=ada&f[age]=x' },
      /^\/query\/f\/age must be integer$/,
    ],
    ['a header', { in: 'header', name: 'X-N', schema: integer }, { headers: { 'x-n': '2' } }, null],
    ['a header that is missing', { in: 'header', name: 'X-N', required: true }, {}, /^\/headers\/x-n is missing$/],
    ['a list in a header', { in: 'header', name: 'X-L', schema: list }, { headers: { 'x-l': '1, 2' } }, null],
    [
      'a path variable',
      { in: 'path', name: 'id', required: true, schema: { type: 'string', maxLength: 3 } },
      { variables: { id: 'a%20b' } },
      null,
    ],
    [
      'a path variable that is too long',
      { in: 'path', name: 'id', required: true, schema: { type: 'string', maxLength: 3 } },
      { variables: { id: 'abcd' } },
      /^\/path\/id must NOT have more than 3/,
    ],
    [
      'a cookie',
      { in: 'cookie', name: 'c', required: true, schema: integer },
      { headers: { cookie: 'b=x; c=5' } },
      null,
    ],
    [
      'a cookie that is missing',
      { in: 'cookie', name: 'c', required: true },
      { headers: { cookie: 'cc=5' } },
      /^\/cookies\/c is missing$/,
    ],
    [
      'a format',
      { in: 'query', name: 'd', schema: { type: 'string', format: 'date' } },
      { query: 'd=tomorrow' },
      /must match format "date"/,
    ],
    [
      'a schema that nothing fits',
      { in: 'query', name: 'x', schema: { $ref: '#/models/Never' } },
      { query: 'x=1' },
      /boolean schema is false/,
    ],
    ['a name with a slash', { in: 'query', name: 'a/b', required: true }, {}, /^\/query\/a~1b is missing$/],
    [
      'a member of every object',
      { in: 'query', name: 'constructor', required: true },
      {},
      /^\/query\/constructor is missing$/,
    ],
  ]
  for (const [what, given, parts, problems] of cases)
    test(what, () => {
      const found = ask({ parameters: [given] }, parts)
      if (problems === null) assert.deepEqual(found, [])
      else assert.match(String(found[0]), problems)
    })

  test('all problems are told at once, by their places', () => {
    const parameters: Short[] = [
      { in: 'query', name: 'a', required: true },
      { in: 'header', name: 'b', required: true },
    ]
    assert.deepEqual(
      ask(
        { parameters, requestBody: body({ $ref: '#/models/Pet' }) },
        json({ age: -1, parent: { name: 'X' }, more: 1 }),
      ),
      [
        '/query/a is missing',
        '/headers/b is missing',
        "/body must have required property 'name'",
        '/body must NOT have additional properties ("more")',
        '/body/age must be >= 0',
        '/body/parent/name must match pattern "^[a-z]+$"',
      ],
    )
  })

  test('query parameters that nobody knows are refused where that is set', () => {
    const parameters: Short[] = [{ in: 'query', name: 'a' }]
    assert.deepEqual(ask({ parameters }, { query: 'a=1&b=2' }), [])
    assert.deepEqual(ask({ parameters }, { query: 'a=1&b=2' }, { unknownQuery: 'refuse' }), [
      '/query/b is not a parameter of this method',
    ])
  })
})

describe('bodies', () => {
  const pet = body({ $ref: '#/models/Pet' })
  const cases: [
    what: string,
    requestBody: RouteInterface['requestBody'],
    parts: ExchangeParts,
    found: string[] | string,
  ][] = [
    ['right', pet, json({ name: 'ada' }), []],
    ['no JSON', pet, json('{"name":'), ['/body is not JSON']],
    ['missing', pet, { method: 'POST', body: '' }, ['/body is missing']],
    ['missing where it may be', body({ $ref: '#/models/Pet' }, false), { method: 'POST', body: '' }, []],
    [
      'of another type',
      pet,
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      'unsupported-content-type',
    ],
    ['of no type', pet, { method: 'POST', body: 'x' }, 'unsupported-content-type'],
    [
      'of a range of types',
      { required: true, content: [{ contentType: 'text/*' }] },
      { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'x' },
      [],
    ],
    [
      'of a type in another case, with parameters',
      pet,
      { method: 'POST', headers: { 'content-type': 'Application/JSON;charset=UTF-8' }, body: '{"name":"ada"}' },
      [],
    ],
    [
      'of a type that ends alike',
      pet,
      { method: 'POST', headers: { 'content-type': 'application/jsonp' }, body: '{}' },
      'unsupported-content-type',
    ],
    [
      'JSON of another name',
      { required: true, content: [{ contentType: 'application/merge-patch+json', schema: { type: 'object' } }] },
      { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '[]' },
      ['/body must be object'],
    ],
    [
      'a circle of models',
      pet,
      json({ name: 'a', parent: { name: 'b', parent: { name: 'c', parent: { name: 1 } } } }),
      ['/body/parent/parent/parent/name must be string'],
    ],
    [
      'a prototype',
      pet,
      json('{"__proto__":{"name":"x"}}'),
      ["/body must have required property 'name'", '/body must NOT have additional properties ("__proto__")'],
    ],
  ]
  for (const [what, requestBody, parts, found] of cases)
    test(what, () => assert.deepEqual(ask({ requestBody }, parts), found))

  test('fields of forms', () => {
    const parameters: Short[] = [
      { in: 'form', name: 'n', required: true, schema: { type: 'integer' } },
      { in: 'form', name: 'l', schema: { type: 'array', items: { type: 'integer' } } },
    ]
    const requestBody = { required: true, content: [{ contentType: 'application/x-www-form-urlencoded' }] }
    const form = (text: string): ExchangeParts => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: text,
    })
    assert.deepEqual(ask({ parameters, requestBody }, form('n=1&l=2&l=3')), [])
    assert.deepEqual(ask({ parameters, requestBody }, form('n=x&l=y')), [
      '/form/n must be integer',
      '/form/l/0 must be integer',
    ])
    assert.deepEqual(ask({ parameters, requestBody }, form('l=1')), ['/form/n is missing'])
  })

  test('fields and files of multipart forms', () => {
    const parameters: Short[] = [
      { in: 'form', name: 'n', required: true, schema: { type: 'integer' } },
      { in: 'form', name: 'f', required: true, schema: { type: 'string', format: 'binary' } },
    ]
    const requestBody = { required: true, content: [{ contentType: 'multipart/form-data' }] }
    const form = (...parts: string[]): ExchangeParts => ({
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: `${parts.map((part) => `--b\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--b--`,
    })
    const file = 'name="f"; filename="x"\r\n\r\n\u0000'
    assert.deepEqual(ask({ parameters, requestBody }, form('name="n"\r\n\r\n7', file)), [])
    assert.deepEqual(ask({ parameters, requestBody }, form('name="n"\r\n\r\nx')), [
      '/form/n must be integer',
      '/form/f is missing',
    ])
    assert.deepEqual(ask({ parameters, requestBody }, { ...form(), body: 'rubbish' }), [
      '/body is not a well-formed form',
    ])
  })

  test('a body is only held where it is looked at', () => {
    const handlers = (requestBody: RouteInterface['requestBody'], settings: Partial<Config> = {}) =>
      requestValidator.create({ ...config, ...settings }, fakeEnv(), { parameters: [], requestBody, schemas })
    assert.equal(handlers(pet, { maxBodyBytes: 100 }).requestBodyBytes, 100)
    assert.equal(handlers({ required: false, content: [{ contentType: 'video/mp4' }] }).requestBodyBytes, undefined)
    assert.equal(handlers(null).requestBodyBytes, undefined)
  })
})

describe('what could take long', () => {
  const fast = (work: () => unknown) => {
    const began = performance.now()
    work()
    const took = performance.now() - began
    // Quadratic or exponential work would take minutes.
    assert.ok(took < 5_000, `${took} ms`)
  }

  test('patterns', () => {
    const requestBody = body({ type: 'object', properties: { s: { type: 'string', pattern: '^(a+)+$' } } })
    fast(() => assert.equal(ask({ requestBody }, json({ s: `${'a'.repeat(100_000)}b` })).length, 1))
  })

  test('patterns of one method are not taken for one another', () => {
    const requestBody = body({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    })
    assert.deepEqual(ask({ requestBody }, json({ a: 'a', b: 'b' })), [])
    assert.equal(ask({ requestBody }, json({ a: 'b', b: 'a' })).length, 2)
  })

  test('unique items', () => {
    const requestBody = body({ type: 'array', uniqueItems: true })
    const items = Array.from({ length: 50_000 }, (_, i) => ({ i }))
    fast(() => assert.deepEqual(ask({ requestBody }, json(items)), []))
    assert.deepEqual(
      ask(
        { requestBody },
        json([
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ]),
      ),
      ['/body must NOT have duplicate items'],
    )
  })

  test('problems without end', () => {
    const requestBody = body({ type: 'array', items: { type: 'string' } })
    fast(() => assert.equal(ask({ requestBody }, json(Array.from({ length: 300_000 }, () => 1))).length, 1))
    assert.equal(ask({ requestBody }, json(Array.from({ length: 500 }, () => 1))).length, 100)
  })

  test('a pattern that cannot run in linear time stops the deployment, with the reason', () => {
    assert.throws(() => ask({ requestBody: body({ type: 'string', pattern: '(?=a)b' }) }, json('"x"')), /RE2/)
  })
})

describe('patterns that the usual engine may run are told from those that it may not', () => {
  const cases: [pattern: string, right: string, wrong: string][] = [
    ['^[a-z0-9-]+$', 'a-1', 'A'],
    ['^\\d{3}-\\d{4}$', '123-4567', '123-456'],
    ['^[\\w.\\-]+@x$', 'a.b-c@x', 'a b@x'],
    ['^a+a+$', 'aa', 'a'],
    ['^(a|b)+$', 'ab', 'c'],
    ['a+b', 'xaab', 'xaa'],
    ['^[^/]+$', 'a', '/'],
    ['^\\p{L}+$', 'ä', '1'],
  ]
  for (const [pattern, right, wrong] of cases)
    test(pattern, () => {
      const requestBody = body({ type: 'string', pattern })
      assert.deepEqual(ask({ requestBody }, json(JSON.stringify(right))), [])
      assert.equal(ask({ requestBody }, json(JSON.stringify(wrong))).length, 1)
    })
})
