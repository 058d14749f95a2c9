import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ConditionFailure } from '../lib/cel/language.ts'
import { checkCondition, compileCondition } from './condition.ts'
import { exchange } from './fake-exchange.ts'
import type { Exchange } from './plugin.ts'

/** A request that has something of everything; at five past three on a Friday. */
function request(): Exchange {
  const x = exchange({
    id: 'id-1',
    path: '/pets/1',
    query: 'page=2&tag=a&tag=b&q=x%20y',
    host: 'API.localhost:8080',
    headers: { 'X-Tenant': 'blue', 'x-n': '42', accept: 'a/b', Accept: 'c/d' },
    variables: { petId: 'a%2Fb' },
    stageVariables: { region: 'eu' },
  })
  x.consumer = { id: 'c1', name: 'Ada', groups: ['admin', 'staff'] }
  x.claims = { sub: 'u1', level: 3, roles: ['writer'], address: { city: 'Berlin' }, 'https://a/b': true }
  return x
}

const holds: string[] = [
  'true',
  'request.method == "GET"',
  'request.method != "POST"',
  'request.path == "/pets/1" && request.path.startsWith("/pets") && request.path.endsWith("1")',
  'request.host == "api.localhost:8080"',
  'request.scheme == "http"',
  'request.clientIp == "192.0.2.1"',
  'cidr("192.0.2.0/24").containsIP(request.clientIp)',
  '!cidr("2001:db8::/32").containsIP(request.clientIp)',
  'request.id == "id-1"',
  'request.bodySize <= 0',
  'request.headers["x-tenant"] == "blue"',
  'request.headers["accept"] == "a/b, c/d"',
  'request.headers.accept.contains("c/d")',
  'request.headers["host"] == "API.localhost:8080"',
  '"x-tenant" in request.headers && !("x-other" in request.headers)',
  'has(request.headers.accept) && !has(request.headers.other)',
  'request.headers["x-other"] == ""',
  'request.headers["x-" + "tenant"] == "blue"',
  'int(request.headers["x-n"]) == 42',
  'string(int(request.headers["x-n"]) + 1) == "43"',
  'request.query["page"] == "2" && request.query["tag"] == "a,b" && request.query["q"] == "x y"',
  'request.query["none"] == "" && !("none" in request.query)',
  'request.pathVariables["petId"] == "a/b"',
  'route.pattern == "/pets/1"',
  'stage.name == "live" && stage.variables["region"] == "eu" && stage.variables["none"] == ""',
  'stage.variables["constructor"] == ""',
  'consumer.id == "c1" && consumer.name == "Ada" && "admin" in consumer.groups',
  'size(consumer.groups) == 2 && consumer.groups[1] == "staff" && consumer.groups == ["admin", "staff"]',
  'consumer.groups.exists(g, g.startsWith("st"))',
  'consumer.groups.all(g, size(g) == 5)',
  'consumer.groups.exists_one(g, g == "admin")',
  'consumer.groups.exists(a, consumer.groups.exists(b, a != b))',
  'jwt.claims["sub"] == "u1" && jwt.claims.level >= 3 && "writer" in jwt.claims["roles"]',
  'jwt.claims.address.city == "Berlin" && jwt.claims["https://a/b"] == true',
  'jwt.claims["none"] == null && jwt.claims.address.none == null',
  'request.method in ["GET", "HEAD"]',
  'request.path.matches("^/pets/[0-9]+$")',
  '!request.path.matches("^/pets/[a-z]+$")',
  'request.path.split("/")[1] == "pets"',
  'request.headers["x-tenant"].upperAscii() == "BLUE"',
  'size("añ😀") == 3',
  'request.time.getHours() == 3 && request.time.getMinutes() == 4 && request.time.getDayOfWeek() == 5',
  'request.time > timestamp("2026-01-01T00:00:00Z") && request.time < timestamp("2027-01-01T00:00:00+01:00")',
  'request.method == "GET" ? true : false',
  '7 % 2 == 1 && -3 < 2 && 2 * 3 == 6 && 5 - 2 == 3',
  '"a" < "b" && "a" + "b" == "ab"',
  // An operand that decides makes the failure of the other one nothing.
  'int("x") == 1 || true',
  'true || int("x") == 1',
  '!(int("x") == 1 && false)',
]
describe('holds', () => {
  for (const condition of holds) test(condition, () => assert.equal(compileCondition(condition)(request()), true))
  for (const condition of holds)
    test(`not: !(${condition})`, () => assert.equal(compileCondition(`!(${condition})`)(request()), false))
})

test('without consumer, claims and headers all have a value', () => {
  const x = exchange()
  for (const condition of [
    'consumer.id == "" && consumer.name == "" && size(consumer.groups) == 0',
    'jwt.claims["sub"] == null',
    '!("x-a" in request.headers)',
  ])
    assert.equal(compileCondition(condition)(x), true, condition)
})

const fails: [condition: string, told: RegExp][] = [
  ['int(request.method) == 1', /no whole number/],
  ['int("99999999999999999999") == 1', /no whole number/],
  ['1 % 0 == 1', /divided by nothing/],
  ['9007199254740991 + 1 > 0', /beyond 2\^53/],
  ['consumer.groups[2] == "a"', /list of 2 has no element 2/],
  ['"a" in jwt.claims["none"]', /needs a list and finds nothing/],
  ['jwt.claims["sub"] > 3', /a text cannot be compared with a number/],
  ['jwt.claims["level"].startsWith("a")', /a text is needed and there is a number/],
  ['int("x") == 1 || false', /no whole number/],
  ['consumer.groups.exists(g, int(g) == 1)', /no whole number/],
]
describe('fails for this request', () => {
  for (const [condition, told] of fails) {
    test(condition, () =>
      assert.throws(
        () => compileCondition(condition)(request()),
        (error) => error instanceof ConditionFailure && told.test(error.message),
      ),
    )
  }
})

const refused: [condition: string, told: RegExp][] = [
  ['', /Unexpected/],
  ['request.method ==', /Unexpected.*At character 18/],
  ['request.method = "GET"', /At character 16/],
  ['request.metod == "GET"', /"request.metod" is not a variable; did you mean "request.method"\?/],
  ['nothing == 1', /"nothing" is not a variable/],
  ['request.constructor == 1', /not a variable/],
  ['__proto__ == 1', /Reserved/],
  ['request.method', /is of type string: compare/],
  ['jwt.claims["admin"]', /is of type dyn: compare/],
  ['request == request', /no such overload/],
  ['request.method == 1', /no such overload: string == int/],
  ['request.headers == request.headers', /only single keys can be read/],
  ['request.headers.exists(h, h == "a")', /only single keys can be read/],
  ['size(request.headers) > 1', /only single keys can be read/],
  ['request.headers["X-Tenant"] == "a"', /in lower case here: write "x-tenant"/],
  ['"X-Tenant" in request.headers', /in lower case here/],
  ['request.pathVariables["none"] == "a"', /path variable that this path does not have: it has petId/],
  ['has(request.method)', /is always there/],
  ['request.path.matches(request.method)', /must stand in the condition itself/],
  ['request.path.matches("(?=a)")', /is not a pattern.*no look-around/],
  ['request.path.matches("(")', /is not a pattern/],
  ['cidr("10.0.0.0/99").containsIP(request.clientIp)', /is not a network/],
  ['cidr(request.clientIp).containsIP(request.clientIp)', /must stand in the condition itself/],
  ['timestamp("soon") < request.time', /not a moment/],
  ['9007199254740993 == 1', /beyond 2\^53/],
  ['1 / 2 == 0', /"\/" is not part of the language/],
  ['[1, 2].map(x, x) == [1]', /map\(\) is not part/],
  ['cel.bind(x, "a", x == x)', /bind\(\) is not part/],
  ['dyn(request.method) == "a"', /dyn\(\) is not part/],
  ['b"a" == b"a"', /literal is not part/],
  ['{"a": 1}["a"] == 1', /maxMapEntries/],
]
describe('is refused', () => {
  for (const [condition, told] of refused) {
    test(condition || 'nothing', () => {
      const [problem] = checkCondition(condition, '/when', ['petId'])
      assert.equal(problem?.path, '/when')
      assert.match(problem?.message ?? '', told)
    })
  }
})

describe('hostile conditions are refused before they cost anything', () => {
  const hostile: [what: string, condition: string, told: RegExp][] = [
    ['a long one', `"${'x'.repeat(3_000)}" == "a"`, /more than 2048 characters/],
    ['deep brackets', `${'('.repeat(1_000)}true${')'.repeat(1_000)}`, /maxDepth/],
    ['many operators', Array(300).fill('true').join('||'), /maxAstNodes/],
    ['a long list', `1 in [${Array(200).fill('1').join(',')}]`, /maxListElements/],
    ['a pattern that grows', 'request.path.matches("(a{0,999}){0,1}(b{0,999})")', /too large once/],
    ['nested repetitions', 'request.path.matches("((a{100}){100}){100}")', /repeat count/],
    ['a long pattern', `request.path.matches("${'a'.repeat(300)}")`, /more than 256 characters/],
  ]
  for (const [what, condition, told] of hostile)
    test(what, () => assert.match(checkCondition(condition, '', [])[0]?.message ?? '', told))
})

describe('hostile requests fail the condition instead of holding it up', () => {
  const long = 'a'.repeat(16_000)
  const over: [what: string, condition: string][] = [
    ['a text searched for in a text', 'request.headers["x-a"].contains(request.headers["x-b"])'],
    ['a large pattern over a long text', 'request.headers["x-a"].matches("[ab]*a[ab]{200}$")'],
    [
      'a list of each character',
      'request.headers["x-a"].split("").exists(a, request.headers["x-b"].split("").exists(b, a == b + "c"))',
    ],
    ['a header read for each character', 'request.headers["x-a"].split("").exists(a, request.headers[a] != "")'],
    ['a text that grows', Array(10).fill('request.headers["x-a"]').join(' + ').concat(' == ""')],
  ]
  for (const [what, condition] of over) {
    test(what, () => {
      const run = compileCondition(condition)
      assert.throws(() => run(exchange({ headers: { 'x-a': long, 'x-b': long } })), ConditionFailure)
      // The next request has the whole budget again.
      assert.equal(typeof run(exchange({ headers: { 'x-a': 'a', 'x-b': 'b' } })), 'boolean')
    })
  }

  test('a pattern that bombs elsewhere answers', () => {
    const run = compileCondition('request.headers["x-a"].matches("^(a+)+$")')
    assert.equal(run(exchange({ headers: { 'x-a': `${'a'.repeat(2_000)}!` } })), false)
  })
})

test('whatever is written is compiled or refused, and has a value or fails as it should', () => {
  const word = fc.constantFrom(
    ...[
      'request.method',
      'request.headers',
      '["x-a"]',
      '"x-a"',
      'in',
      '==',
      '!=',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '"a"',
      '1',
    ],
    ...[
      '.matches("a+")',
      '.size()',
      'size(',
      'consumer.groups',
      '.exists(g,',
      'g',
      'jwt.claims',
      '.a',
      '[',
      ']',
      '?',
      ':',
    ],
    ...['int(', '<', '+', '-', '%', 'null', 'true', '1.5', '{', '}', ',', 'has(', '\u0000', '\\', "'", 'é', '.'],
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const condition = words.join(' ')
      if (checkCondition(condition, '', []).length > 0) return
      try {
        assert.equal(typeof compileCondition(condition)(request()), 'boolean')
      } catch (error) {
        assert.ok(error instanceof ConditionFailure, `${condition}: ${error}`)
      }
    }),
    { numRuns: 3_000 },
  )
})
