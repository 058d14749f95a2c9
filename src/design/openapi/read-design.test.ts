import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Invalid } from '../../model/errors.ts'
import type { ImportedDesign, ImportedMethod } from './imported.ts'
import { readDesign } from './read-design.ts'
import { readSource } from './source.ts'

/** What of documents becomes what of a design. A case is one line; to add one, add its line. */

const read = (document: object): ImportedDesign => readDesign(readSource(JSON.stringify(document, null, 1)))
const openapi = (version: string, parts: object) => ({ openapi: version, info: { title: 'T', version: '1' }, ...parts })
const swagger = (parts: object) => ({ swagger: '2.0', info: { title: 'T', version: '1' }, ...parts })
const kinds = ({ notes }: ImportedDesign) => notes.map(({ kind }) => kind)

/** The one method of a document. */
function methodOf({ paths }: ImportedDesign): ImportedMethod {
  const [method] = paths.flatMap(({ methods }) => methods)
  assert.ok(method !== undefined)
  return method
}

describe('parameters of OpenAPI 3', () => {
  const cases: [title: string, given: object, becomes: object | null, notes?: string[]][] = [
    ['a query', { name: 'a', in: 'query', schema: { type: 'integer' } }, { in: 'query', schema: { type: 'integer' } }],
    ['without a schema', { name: 'a', in: 'query' }, { schema: {} }],
    [
      'style and explode',
      { name: 'a', in: 'query', style: 'pipeDelimited', explode: false },
      { style: 'pipeDelimited', explode: false },
    ],
    ['a style of elsewhere', { name: 'a', in: 'header', style: 'form' }, { in: 'header' }, ['style']],
    [
      'an example',
      { name: 'a', in: 'query', example: 5, schema: { type: 'integer' } },
      { schema: { type: 'integer', examples: [5] } },
    ],
    [
      'named examples',
      { name: 'a', in: 'query', examples: { x: { value: 1 }, y: { $ref: '#/components/examples/E' } } },
      { schema: { examples: [1, 2] } },
    ],
    [
      'as JSON',
      { name: 'a', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
      { schema: { type: 'string', contentMediaType: 'application/json', contentSchema: { type: 'object' } } },
    ],
    ['Accept', { name: 'Accept', in: 'header' }, null, ['describedElsewhere']],
    ['a name that is no header', { name: 'a b', in: 'header' }, null, ['badName']],
    ['of the path', { name: 'id', in: 'path' }, { in: 'path', required: true }],
    ['of a path that has no such variable', { name: 'other', in: 'path', required: true }, null, ['unknownVariable']],
    ['by reference', { $ref: '#/components/parameters/P' }, { name: 'p', in: 'cookie' }],
  ]
  for (const [title, given, becomes, notes = []] of cases)
    test(title, () => {
      const design = read(
        openapi('3.1.0', {
          paths: { '/a/{id}': { get: { parameters: [given] } } },
          components: {
            parameters: { P: { name: 'p', in: 'cookie' } },
            examples: { E: { value: 2 } },
          },
        }),
      )
      const [parameter] = methodOf(design).parameters
      if (becomes === null) assert.equal(parameter, undefined)
      else assert.deepEqual({ ...parameter, ...becomes }, parameter)
      assert.deepEqual(kinds(design), notes)
    })

  test('those of the path hold for all operations, unless an operation has its own', () => {
    const parameters = [
      { name: 'a', in: 'query' },
      { name: 'X-B', in: 'header', description: 'path' },
    ]
    const own = [{ name: 'x-b', in: 'header', description: 'own' }]
    const design = read(openapi('3.0.3', { paths: { '/': { parameters, get: { parameters: own } } } }))
    assert.deepEqual(
      methodOf(design).parameters.map(({ name, description }) => [name, description]),
      [
        ['a', ''],
        ['x-b', 'own'],
      ],
    )
  })
})

describe('schemas', () => {
  const cases: [title: string, version: string, given: object, becomes: object, notes?: string[]][] = [
    [
      'nullable',
      '3.0.3',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      'exclusive limits',
      '3.0.3',
      { minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      { exclusiveMinimum: 1, maximum: 9 },
    ],
    ['an example', '3.0.3', { type: 'string', example: 'x' }, { type: 'string', examples: ['x'] }],
    [
      'beside a reference in 3.0',
      '3.0.3',
      { $ref: '#/components/schemas/M', description: 'x' },
      { $ref: '#/models/M' },
      ['besideReference'],
    ],
    [
      'beside a reference in 3.1',
      '3.1.0',
      { $ref: '#/components/schemas/M', description: 'x' },
      { $ref: '#/models/M', description: 'x' },
    ],
    [
      'a reference into a component',
      '3.1.0',
      { $ref: '#/components/schemas/M/properties/self' },
      { $ref: '#/models/M.self' },
      ['madeModel'],
    ],
    [
      'a reference to a name that is none here',
      '3.1.0',
      { $ref: '#/components/schemas/a%20b' },
      { $ref: '#/models/a_b' },
    ],
    [
      'a mapping',
      '3.1.0',
      { discriminator: { propertyName: 'k', mapping: { a: '#/components/schemas/M', b: 'M' } } },
      { discriminator: { propertyName: 'k', mapping: { a: '#/models/M', b: 'M' } } },
    ],
    [
      'what is no JSON Schema',
      '3.1.0',
      { type: 'any', minLength: 'x', title: 'stays' },
      { title: 'stays' },
      ['invalidKeyword', 'invalidKeyword'],
    ],
    [
      'required as drafts before had it',
      '3.0.3',
      { properties: { a: { type: 'string', required: true } } },
      { properties: { a: { type: 'string' } } },
      ['invalidKeyword'],
    ],
    [
      'of another dialect',
      '3.1.0',
      { $schema: 'http://json-schema.org/draft-07/schema#', definitions: {}, items: [{}] },
      { definitions: {}, prefixItems: [{}] },
    ],
    ['by its identifier', '3.1.0', { $ref: 'https://example.com/m' }, { $ref: '#/models/M' }],
  ]
  for (const [title, version, given, becomes, notes = []] of cases)
    test(title, () => {
      const M = {
        $id: 'https://example.com/m',
        type: 'object',
        properties: { self: { $ref: '#/components/schemas/M' } },
      }
      const design = read(
        openapi(version, {
          paths: { '/': { get: { parameters: [{ name: 'a', in: 'query', schema: given }] } } },
          components: { schemas: { M, 'a b': {} } },
        }),
      )
      assert.deepEqual(methodOf(design).parameters[0]?.schema, becomes)
      assert.deepEqual(
        kinds(design).filter((kind) => kind !== 'renamedModel'),
        notes,
      )
      assert.deepEqual(design.models[0]?.schema, { type: 'object', properties: { self: { $ref: '#/models/M' } } })
    })
})

describe('Swagger 2.0', () => {
  const cases: [title: string, operation: object, becomes: object, notes?: string[]][] = [
    [
      'a list',
      { parameters: [{ name: 'a', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'pipes' }] },
      {
        parameters: [
          {
            in: 'query',
            name: 'a',
            description: '',
            required: false,
            deprecated: false,
            schema: { type: 'array', items: { type: 'string' } },
            style: 'pipeDelimited',
            explode: false,
          },
        ],
      },
    ],
    [
      'a body',
      {
        consumes: ['text/XML'],
        parameters: [{ name: 'b', in: 'body', required: true, schema: { $ref: '#/definitions/M' } }],
      },
      {
        parameters: [],
        requestBody: {
          description: '',
          required: true,
          content: [{ contentType: 'text/xml', schema: { $ref: '#/models/M' } }],
        },
      },
    ],
    [
      'a form with a file',
      { parameters: [{ name: 'f', in: 'formData', type: 'file', required: true }] },
      {
        parameters: [
          {
            in: 'form',
            name: 'f',
            description: '',
            required: true,
            deprecated: false,
            schema: { type: 'string', format: 'binary' },
          },
        ],
        requestBody: { description: '', required: true, content: [{ contentType: 'multipart/form-data' }] },
      },
    ],
    [
      'a response with headers and examples',
      {
        produces: ['text/csv'],
        responses: {
          200: {
            description: 'd',
            schema: { type: 'file' },
            headers: { 'X-A': { type: 'integer' } },
            examples: { 'text/csv': 'a' },
          },
        },
      },
      {
        responses: [
          {
            status: '200',
            description: 'd',
            headers: [{ name: 'X-A', description: '', required: false, schema: { type: 'integer' } }],
            content: [{ contentType: 'text/csv', schema: { type: 'string', format: 'binary', examples: ['a'] } }],
          },
        ],
      },
    ],
    [
      'by reference',
      { parameters: [{ $ref: '#/parameters/P' }], responses: { 404: { $ref: '#/responses/R' } } },
      { responses: [{ status: '404', description: 'r', headers: [], content: [] }] },
    ],
    [
      'tabs',
      { parameters: [{ name: 'a', in: 'query', type: 'array', items: {}, collectionFormat: 'tsv' }] },
      {},
      ['collectionFormat'],
    ],
  ]
  for (const [title, operation, becomes, notes = []] of cases)
    test(title, () => {
      const design = read(
        swagger({
          paths: { '/': { post: operation } },
          definitions: { M: { type: 'object', required: ['a'] } },
          parameters: { P: { name: 'p', in: 'query', type: 'string' } },
          responses: { R: { description: 'r' } },
        }),
      )
      const method = methodOf(design)
      assert.deepEqual(JSON.parse(JSON.stringify({ ...method, ...becomes })), JSON.parse(JSON.stringify(method)))
      assert.deepEqual(kinds(design), notes)
      assert.deepEqual(design.models, [
        { name: 'M', description: '', dialect: 'draft-04', schema: { type: 'object', required: ['a'] } },
      ])
    })
})

describe('paths', () => {
  const cases: [template: string, becomes: string, notes?: string[]][] = [
    ['/a/{b}', '/a/{b}'],
    ['/a/{b+}', '/a/{b+}'],
    ['/a/', '/a', ['trailingSlash']],
    ['/a//b', '/a/b', ['badPath']],
    ['/a?x={y}', '/a', ['badPath']],
    ['/a b', '/a%20b', ['badPath']],
    ['/ß', '/%C3%9F', ['badPath']],
    ['/{user id}', '/{user_id}', ['renamedVariable']],
    ['/{1}', '/{_1}', ['renamedVariable']],
    ['/{a}.json', '/{a}', ['partialVariable']],
    ['/{id}:activate', '/{id}', ['partialVariable']],
    ['/{a}-{b}', '/{a-b}', ['partialVariable']],
  ]
  for (const [template, becomes, notes = []] of cases)
    test(`${template} is ${becomes}`, () => {
      const design = read(openapi('3.1.0', { paths: { [template]: { get: {} } } }))
      assert.equal(design.paths[0]?.path, becomes)
      assert.deepEqual(kinds(design), notes)
    })

  test('a slash at the end reaches the backend', () => {
    const design = read(openapi('3.1.0', { paths: { '/a/{id}/': { get: {} } } }))
    assert.deepEqual(methodOf(design).backend, { kind: 'http', path: '/a/${request.path.id}/' })
  })
})

describe('other gateways', () => {
  const nhn = (plugins: object) => ({ 'x-nhncloud-apigateway': { plugins } })
  const aws = (integration: object) => ({ 'x-amazon-apigateway-integration': integration })
  const cases: [
    title: string,
    operation: object,
    becomes: { backend?: object | null; plugins?: object | null },
    notes?: string[],
  ][] = [
    [
      'NHN: proxy',
      nhn({ HTTP: { frontendEndpointPath: '/a/{id}', backendEndpointPath: '/x/${request.path.id}' } }),
      { backend: { kind: 'http', path: '/x/${request.path.id}' } },
    ],
    [
      'NHN: proxy to the same path',
      nhn({ HTTP: { frontendEndpointPath: '/a/{id}', backendEndpointPath: '/a/${request.path.id}' } }),
      { backend: { kind: 'http' } },
    ],
    [
      'NHN: mock, as text',
      nhn({ MOCK: '{"statusCode":201,"headers":{"a":"b"},"body":"x"}' }),
      { backend: { kind: 'mock', status: 201, headers: { a: 'b' }, body: 'x' } },
    ],
    [
      'NHN: headers and query',
      nhn({
        SET_REQUEST_HEADER: { headers: { a: '1' } },
        REMOVE_REQUEST_HEADER: { headers: ['b'] },
        ADD_REQUEST_QUERY_PARAMETER: { parameters: { q: '2' } },
        REMOVE_RESPONSE_HEADER: { headers: ['c'] },
      }),
      {
        plugins: [
          {
            plugin: 'request-transformer',
            config: { headers: { set: { a: '1' }, remove: ['b'] }, query: { add: { q: '2' } } },
          },
          { plugin: 'response-transformer', config: { headers: { remove: ['c'] } } },
        ],
      },
    ],
    [
      'NHN: addresses',
      nhn({ IP_ACL: { isPermit: true, ipAclList: [{ ipCidrAddress: '10.0.0.0/8' }] } }),
      { plugins: [{ plugin: 'ip-restriction', config: { mode: 'allow', networks: ['10.0.0.0/8'] } }] },
    ],
    [
      'NHN: signatures',
      nhn({ HMAC: { secretKey: 'a secret', clockSkewSeconds: 60, enforceHeaders: ['host'] } }),
      {
        plugins: [
          {
            plugin: 'hmac-auth',
            config: {
              keys: [{ id: 'default', secret: 'a secret' }],
              requireKeyId: false,
              dateHeader: 'x-nhn-date',
              algorithms: ['HmacSHA1', 'HmacSHA256', 'HmacSHA512'],
              clockSkew: 60,
              requiredHeaders: ['host'],
            },
          },
        ],
      },
    ],
    [
      'NHN: tokens',
      nhn({
        JWT: {
          encryptAlgorithm: 'RS256',
          rs256: { publicKeyType: 'JWKS_URI', jwksUri: 'https://id.example/jwks' },
          clockSkew: 5,
          claimValidationCondition: { tier: { dataType: 'STRING', value: 'gold', required: true, validate: true } },
        },
      }),
      {
        plugins: [
          {
            plugin: 'jwt',
            config: {
              keySets: [{ url: 'https://id.example/jwks', algorithms: ['RS256'] }],
              leeway: 5,
              requireExpiry: false,
              claims: [{ name: 'tier', type: 'string', required: true, values: ['gold'] }],
            },
          },
        ],
      },
    ],
    [
      'NHN: a call before',
      nhn({
        PRE_API: { httpMethod: 'post', url: 'http://auth.example/', cacheTtl: 60 },
        REQUEST_VALIDATOR: { isActive: true },
      }),
      {
        plugins: [
          {
            plugin: 'forward-auth',
            config: { url: 'http://auth.example/', method: 'POST', cache: 60, statuses: [200] },
          },
          { plugin: 'request-validator', config: {} },
        ],
      },
    ],
    [
      'NHN: keys and a limit',
      nhn({ API_KEY: { isActive: true }, RATE_LIMIT: { requestPerSec: 5, keyType: 'DEFAULT' } }),
      {
        plugins: [
          { plugin: 'key-auth', config: { header: 'x-nhn-apikey' } },
          { plugin: 'rate-limit', config: { requests: 5, period: 'second', by: 'all' } },
        ],
      },
    ],
    ['NHN: keys that are off', nhn({ API_KEY: { isActive: false } }), { plugins: null }],
    [
      'NHN: a limit by address',
      nhn({ RATE_LIMIT: { requestPerSec: 1, keyType: 'IP', extraKeyValue: null } }),
      { plugins: [{ plugin: 'rate-limit', config: { requests: 1, period: 'second', by: 'client-ip' } }] },
    ],
    [
      'NHN: a limit by header',
      nhn({ RATE_LIMIT: { requestPerSec: 1, keyType: 'HEADER', extraKeyValue: 'x-tenant' } }),
      {
        plugins: [{ plugin: 'rate-limit', config: { requests: 1, period: 'second', by: 'header', name: 'x-tenant' } }],
      },
    ],
    [
      'NHN: a limit by path variable',
      nhn({ RATE_LIMIT: { requestPerSec: 1, keyType: 'PATH_VARIABLE', extraKeyValue: 'id' } }),
      {
        plugins: [{ plugin: 'rate-limit', config: { requests: 1, period: 'second', by: 'path-variable', name: 'id' } }],
      },
    ],
    [
      'NHN: a limit by a path variable that the path does not have',
      nhn({ RATE_LIMIT: { requestPerSec: 1, keyType: 'PATH_VARIABLE', extraKeyValue: 'no' } }),
      { plugins: null },
      ['pluginRefused'],
    ],
    [
      'NHN: a limit by what nobody knows',
      nhn({ RATE_LIMIT: { requestPerSec: 1, keyType: 'COOKIE' } }),
      { plugins: null },
      ['pluginRefused'],
    ],
    ['NHN: what nobody knows', nhn({ NEW: {} }), { backend: null, plugins: null }, ['foreign']],
    ['NHN: what cannot be read', nhn({ MOCK: '{' }), { backend: null }, ['foreign']],
    [
      'NHN: settings that would be refused',
      nhn({ SET_REQUEST_HEADER: { headers: { 'content-length': '1' } } }),
      { plugins: null },
      ['pluginRefused'],
    ],
    [
      'AWS: proxy',
      aws({
        type: 'http_proxy',
        httpMethod: 'GET',
        uri: 'https://b.example/v1/{key}',
        requestParameters: { 'integration.request.path.key': 'method.request.path.id' },
      }),
      { backend: { kind: 'http', path: '/v1/${request.path.id}' } },
      ['foreignHost'],
    ],
    [
      'AWS: another method',
      aws({ type: 'HTTP_PROXY', httpMethod: 'POST', uri: 'https://b.example/' }),
      {},
      ['foreignVerb', 'foreignHost'],
    ],
    [
      'AWS: stage variables',
      aws({ type: 'http', uri: 'https://b.example/${stageVariables.v}/a' }),
      { backend: { kind: 'http', path: '/${stage.variable.v}/a' } },
      ['foreignHost'],
    ],
    [
      'AWS: parameters',
      aws({
        type: 'http',
        uri: '/x',
        requestParameters: {
          'integration.request.header.a': "'one'",
          'integration.request.querystring.q': 'method.request.header.b',
        },
      }),
      {
        plugins: [
          {
            plugin: 'request-transformer',
            config: { headers: { set: { a: 'one' } }, query: { set: { q: '${request.header.b}' } } },
          },
        ],
      },
    ],
    [
      'AWS: time-out',
      aws({ type: 'http', uri: '/x', timeoutInMillis: 5000 }),
      { plugins: [{ plugin: 'timeout', config: { response: 5 } }] },
    ],
    [
      'AWS: mock',
      aws({
        type: 'mock',
        responses: {
          default: {
            statusCode: '418',
            responseParameters: { 'method.response.header.A': "'b'" },
            responseTemplates: { 'application/json': '{"id":"$context.requestId"}' },
          },
        },
      }),
      {
        backend: {
          kind: 'mock',
          status: 418,
          headers: { 'content-type': 'application/json', A: 'b' },
          body: '{"id":"${request.id}"}',
        },
      },
    ],
    [
      'AWS: templates',
      aws({ type: 'mock', responses: { default: { responseTemplates: { 'application/json': '#set($a = 1)' } } } }),
      { backend: { kind: 'mock', status: 200, headers: { 'content-type': 'application/json' }, body: '' } },
      ['foreignTemplate'],
    ],
    ['AWS: functions', aws({ type: 'aws_proxy', uri: 'arn:aws:…' }), { backend: null }, ['foreign']],
    [
      'ours',
      { 'x-turnpike': { backend: { kind: 'mock' }, plugins: [{ plugin: 'timeout' }] } },
      { backend: { kind: 'mock', status: 200, headers: {}, body: '' }, plugins: [{ plugin: 'timeout' }] },
    ],
  ]
  for (const [title, operation, becomes, notes = []] of cases)
    test(title, () => {
      const design = read(swagger({ paths: { '/a/{id}': { get: operation } } }))
      const { backend, plugins } = methodOf(design)
      assert.deepEqual({ ...{ backend, plugins }, ...becomes }, { backend, plugins })
      assert.deepEqual(kinds(design), notes)
    })

  test('NHN: CORS of a path, as lists with commas, and repeated on methods', () => {
    const CORS = {
      allowedMethods: ['GET, POST'],
      allowedOrigins: ['https://a.example'],
      allowedHeaders: [],
      exposedHeaders: [],
      maxCredentialsAge: -1,
      allowCredentials: true,
    }
    const wanted = [
      {
        plugin: 'cors',
        config: {
          origins: ['https://a.example'],
          methods: ['GET', 'POST'],
          headers: [],
          exposedHeaders: [],
          credentials: true,
          maxAge: 0,
        },
      },
    ]
    for (const item of [
      { ...nhn({ CORS }), get: nhn({ CORS }), options: { summary: 'CORS' } },
      { get: nhn({ CORS }) },
    ]) {
      const design = read(swagger({ paths: { '/a': item } }))
      assert.deepEqual(design.paths[0]?.plugins, wanted)
      assert.deepEqual(
        design.paths[0]?.methods.map(({ verb, plugins }) => [verb, plugins]),
        [['GET', null]],
      )
    }
  })

  describe('AWS: API keys', () => {
    const schemes = {
      api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
      sigv4: {
        type: 'apiKey',
        name: 'x-api-key',
        in: 'header',
        'x-amazon-apigateway-authtype': 'awsSigv4',
      },
    }
    const integration = { type: 'http', uri: '/x' }
    const keyAuth = [{ plugin: 'key-auth', config: {} }]
    const cases: [what: string, security: object[], root: object, plugins: object[] | null, notes: string[]][] = [
      ['of an operation', [{ api_key: [] }], {}, keyAuth, ['securitySchemes']],
      ['beside others', [{ sigv4: [] }, { api_key: [] }], {}, keyAuth, ['securitySchemes', 'security']],
      ['that some get by without', [{}, { api_key: [] }], {}, null, ['securitySchemes', 'security']],
      ['none', [], {}, null, ['securitySchemes']],
      ['others', [{ sigv4: [] }], {}, null, ['securitySchemes', 'security']],
      [
        'that authorizers give',
        [{ api_key: [] }],
        { 'x-amazon-apigateway-api-key-source': 'AUTHORIZER' },
        null,
        ['securitySchemes', 'foreign', 'security'],
      ],
    ]
    for (const [what, security, root, plugins, notes] of cases)
      for (const version of ['3.0.1', '2.0'])
        test(`${what}, in ${version}`, () => {
          const get = { security, ...aws(integration) }
          const parts = { paths: { '/a': { get } }, ...root }
          const design = read(
            version === '2.0'
              ? swagger({ ...parts, securityDefinitions: schemes })
              : openapi(version, { ...parts, components: { securitySchemes: schemes } }),
          )
          assert.deepEqual(methodOf(design).plugins, plugins)
          assert.deepEqual(kinds(design), notes)
        })

    test('alone leave nothing to tell', () => {
      const get = { security: [{ api_key: [] }], ...aws(integration) }
      const { api_key } = schemes
      assert.deepEqual(kinds(read(swagger({ paths: { '/a': { get } }, securityDefinitions: { api_key } }))), [])
    })

    test('of other documents are those of the backend', () => {
      const get = { security: [{ api_key: [] }] }
      const design = read(openapi('3.1.0', { paths: { '/a': { get } }, components: { securitySchemes: schemes } }))
      assert.equal(methodOf(design).plugins, null)
      assert.deepEqual(kinds(design), ['securitySchemes', 'security'])
    })
  })

  test('AWS: the whole document', () => {
    const design = read(
      openapi('3.0.1', {
        paths: { '/{proxy+}': { 'x-amazon-apigateway-any-method': {} } },
        'x-amazon-apigateway-cors': { allowOrigins: ['*'] },
        'x-amazon-apigateway-policy': {},
        'x-amazon-apigateway-gateway-responses': {
          THROTTLED: {
            statusCode: '429',
            responseTemplates: { 'application/json': '{"m":$context.error.messageString}' },
          },
          DEFAULT_4XX: {},
        },
      }),
    )
    assert.deepEqual(
      design.paths.map(({ path, plugins, methods }) => [path, plugins, methods.map(({ verb }) => verb)]),
      [
        [
          '/',
          [{ plugin: 'cors', config: { origins: ['*'], headers: [], exposedHeaders: [], credentials: false } }],
          [],
        ],
        ['/{proxy+}', null, ['ANY']],
      ],
    )
    assert.deepEqual(design.gatewayResponses, {
      'rate-limited': {
        status: 429,
        headers: {},
        bodies: [{ contentType: 'application/json', body: '{"m":"${error.message}"}' }],
      },
    })
    assert.deepEqual(kinds(design), ['foreign', 'foreign'])
  })
})

describe('what is refused, with its line', () => {
  const cases: [title: string, parts: object, told: RegExp][] = [
    [
      'a reference to nothing',
      {
        paths: { '/a': { get: { parameters: [{ $ref: '#/components/parameters/limt' }] } } },
        components: { parameters: { limit: {} } },
      },
      /^Line 1\d: the reference .*leads nowhere \(did you mean "limit"\?\)\.$/,
    ],
    [
      'a reference to another file',
      { paths: { '/a': { get: { parameters: [{ name: 'a', in: 'query', schema: { $ref: 'b.yaml#/X' } }] } } } },
      /^Line 1\d: .*"b\.yaml#\/X" leads out of the document/,
    ],
    [
      'a circle',
      {
        paths: { '/a': { $ref: '#/components/pathItems/A' } },
        components: { pathItems: { A: { $ref: '#/components/pathItems/B' }, B: { $ref: '#/components/pathItems/A' } } },
      },
      /leads back to itself/,
    ],
    [
      'a parameter without a name',
      { paths: { '/a': { get: { parameters: [{ in: 'query' }] } } } },
      /^Line 1\d: a parameter has a "name"/,
    ],
    [
      'a backend of ours that is none',
      { paths: { '/a': { get: { 'x-turnpike': { backend: { kind: 'none' } } } } } },
      /^Line 1\d: "backend" in x-turnpike/,
    ],
    [
      'gateway responses that are none',
      { paths: {}, 'x-turnpike': { gatewayResponses: { nothing: {} } } },
      /"nothing" is not a type of gateway response/,
    ],
  ]
  for (const [title, parts, told] of cases)
    test(title, () => {
      assert.throws(
        () => read(openapi('3.1.0', parts)),
        (error) =>
          error instanceof Invalid && error.problems.length === 1 && told.test(error.problems[0]?.message ?? ''),
      )
    })
})
