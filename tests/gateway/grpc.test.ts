import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Server as GrpcServer,
  Metadata,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Calls of gRPC by its own library, through the real program, to a real server. */

const asIs = (bytes: Buffer) => bytes
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
})
const service = {
  one: method('one', false, false),
  upload: method('upload', true, false),
  download: method('download', false, true),
  chat: method('chat', true, true),
  slow: method('slow', false, false),
  fail: method('fail', false, false),
  flaky: method('flaky', false, false),
  late: method('late', false, true),
}

/** What the server has seen, by call. */
let seen: { deadlines: number[]; cancelled: number; metadata: Metadata | null }
/** How many calls of `flaky` there have been, and which one is the first that goes well. */
let flaky = { calls: 0, wellFrom: 0 }

const implementation = {
  one(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    seen.metadata = call.metadata
    const trailers = new Metadata()
    trailers.set('x-trailer', 'behind')
    done(null, Buffer.concat([Buffer.from('one '), call.request]), trailers)
  },
  upload(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    let bytes = 0
    call.on('data', (message: Buffer) => {
      bytes += message.length
    })
    call.on('end', () => done(null, Buffer.from(String(bytes))))
  },
  download(call: ServerWritableStream<Buffer, Buffer>) {
    const message = Buffer.alloc(60_000, 'x')
    let left = Number(call.request.toString())
    const write = () => {
      while (left-- > 0) if (!call.write(message)) return void call.once('drain', write)
      call.end()
    }
    write()
  },
  chat(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on('data', (message: Buffer) => call.write(Buffer.concat([Buffer.from('re: '), message])))
    call.on('end', () => call.end())
  },
  slow(call: ServerUnaryCall<Buffer, Buffer>) {
    const deadline = call.getDeadline()
    seen.deadlines.push(deadline instanceof Date ? deadline.getTime() : deadline)
    call.on('cancelled', () => {
      seen.cancelled++
    })
  },
  fail(_: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    done({ code: status.ALREADY_EXISTS, details: 'there is one, ä' })
  },
  flaky({ request }: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    flaky.calls++
    if (flaky.calls < flaky.wellFrom) done({ code: status.UNAVAILABLE, details: 'not yet' })
    else done(null, request)
  },
  late(call: ServerWritableStream<Buffer, Buffer>) {
    call.write(Buffer.from('the beginning'))
    call.emit('error', { code: status.INTERNAL, details: 'the end' })
  },
}

let turnpike: Turnpike
let server: GrpcServer
let client: Client

before(async () => {
  server = new GrpcServer()
  server.addService(service, implementation)
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  turnpike = await startTurnpike({ args: ['--workers', '1'] })
  await deploy('echo', `http://127.0.0.1:${port}`, [])
  await deploy('keyed', `http://127.0.0.1:${port}`, [{ plugin: 'key-auth', config: {} }])
  await deploy('limited', `http://127.0.0.1:${port}`, [
    { plugin: 'rate-limit', config: { requests: 1, period: 'hour', by: 'client-ip' } },
  ])
  await deploy('closed', `http://127.0.0.1:${port}`, [
    { plugin: 'ip-restriction', config: { mode: 'deny', networks: ['127.0.0.0/8'] } },
  ])
  await deploy('gone', 'http://127.0.0.1:1', [])
  await deploy('hasty', `http://127.0.0.1:${port}`, [{ plugin: 'timeout', config: { response: 0.2 } }])
  const judging = { health: { passive: { consecutive: 1, ejection: 300 }, panicPercent: 0 } }
  const atOnce = { plugin: 'circuit-breaker', config: { minimumCalls: 1, failurePercent: 1, open: 600 } }
  await deploy('judged', `http://127.0.0.1:${port}`, [atOnce], judging)
  // Backends whose settings are the same share what is known of their target: so each is out of use for a time of its own.
  const passive = (ejection: number, more: object = {}) => ({
    health: { passive: { consecutive: 3, ejection, ...more }, panicPercent: 0 },
  })
  await deploy('watched', `http://127.0.0.1:${port}`, [], passive(299))
  await deploy('watched-late', `http://127.0.0.1:${port}`, [], passive(298))
  await deploy('watched-own', `http://127.0.0.1:${port}`, [], passive(297))
  await deploy('watched-named', `http://127.0.0.1:${port}`, [], passive(296, { grpcStatuses: ['ALREADY_EXISTS'] }))
  const statuses = { grpcStatuses: ['UNAVAILABLE', 'INTERNAL'], methods: ['POST'], backoff: 0 }
  await deploy('tried', `http://127.0.0.1:${port}`, [{ plugin: 'retry', config: statuses }])
  const breaker = { plugin: 'circuit-breaker', config: { minimumCalls: 4, open: 600 } }
  for (const name of ['broken', 'broken-late', 'broken-not']) await deploy(name, `http://127.0.0.1:${port}`, [breaker])
  client = clientOf('echo')
})
after(async () => {
  client?.close()
  server.forceShutdown()
  assert.equal(await turnpike?.stop(), 0)
})

/** A service whose every method goes to a server that speaks HTTP/2 without TLS, as `NAME.localhost`. */
async function deploy(name: string, url: string, plugins: readonly object[], backend: object = {}): Promise<void> {
  const { body } = await turnpike.api('POST', '/services', { name })
  const resource = await turnpike.api('POST', `/services/${body.id}/resources`, { path: '/test.Echo/{method}' })
  await turnpike.api('POST', `/services/${body.id}/resources/${resource.body.id}/methods`, { verb: 'POST' })
  const stage = await turnpike.api('POST', `/services/${body.id}/stages`, {
    name: 'live',
    isDefault: true,
    backend: { targets: [{ url }], protocol: 'http2', ...backend },
    plugins,
  })
  assert.equal(stage.status, 201, JSON.stringify(stage.body))
  const deployed = await turnpike.api('POST', `/services/${body.id}/stages/live/deployments`, {})
  assert.equal(deployed.status, 201, JSON.stringify(deployed.body))
}

function clientOf(name: string): Client {
  return new Client(`127.0.0.1:${turnpike.gatewayPort}`, credentials.createInsecure(), {
    'grpc.default_authority': `${name}.localhost`,
    'grpc.enable_retries': 0,
  })
}

function unary(
  of: Client,
  name: string,
  message: string,
  { metadata = new Metadata(), deadline = Date.now() + 20_000 } = {},
): Promise<{ answer: string; trailers: Metadata }> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const call = of.makeUnaryRequest(
      `/test.Echo/${name}`,
      asIs,
      asIs,
      Buffer.from(message),
      metadata,
      { deadline },
      (error, reply) => {
        if (error === null) answer = String(reply)
        else reject(error)
      },
    )
    call.on('status', ({ metadata: trailers, code }) => code === status.OK && resolve({ answer, trailers }))
  })
}

async function refusal(name: string, path = 'one', options = {}): Promise<ServiceError> {
  const own = clientOf(name)
  try {
    await unary(own, path, 'x', options)
  } catch (error) {
    // The library rejects with nothing else.
    return error as ServiceError
  } finally {
    own.close()
  }
  throw new Error('the call went through')
}

describe('calls of gRPC', () => {
  before(() => {
    seen = { deadlines: [], cancelled: 0, metadata: null }
  })

  test('unary, with metadata both ways', async () => {
    const metadata = new Metadata()
    metadata.set('x-mine', 'given')
    metadata.set('data-bin', Buffer.from([0, 1, 255]))
    const { answer, trailers } = await unary(client, 'one', 'message', { metadata })
    assert.equal(answer, 'one message')
    assert.deepEqual(trailers.get('x-trailer'), ['behind'])
    assert.deepEqual(seen.metadata?.get('x-mine'), ['given'])
    assert.deepEqual(seen.metadata?.get('data-bin'), [Buffer.from([0, 1, 255])])
    assert.deepEqual(seen.metadata?.get('via'), ['2 gateway'])
  })

  test('many at once, on one connection', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => unary(client, 'one', String(i))))
    assert.deepEqual(
      answers.map(({ answer }) => answer),
      Array.from({ length: 300 }, (_, i) => `one ${i}`),
    )
  })

  test('a message of a megabyte', async () => {
    const { answer } = await unary(client, 'one', 'x'.repeat(1_000_000))
    assert.equal(answer.length, 1_000_004)
  })

  test('a stream of messages to the server', async () => {
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest('/test.Echo/upload', asIs, asIs, (error, reply?: Buffer) =>
        error === null ? resolve(reply) : reject(error),
      )
      for (let i = 0; i < 100; i++) call.write(Buffer.alloc(50_000))
      call.end()
    })
    assert.equal(String(answer), String(100 * 50_000))
  })

  test('a stream of messages from the server, to a client that takes its time', async () => {
    const call = client.makeServerStreamRequest('/test.Echo/download', asIs, asIs, Buffer.from('200'))
    let bytes = 0
    for await (const message of call) {
      bytes += (message as Buffer).length
      if (bytes % 1_200_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(bytes, 200 * 60_000)
  })

  test('streams both ways: each message is answered before the next is sent', async () => {
    const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest('/test.Echo/chat', asIs, asIs)
    const answers: string[] = []
    call.write(Buffer.from('0'))
    await new Promise<void>((resolve, reject) => {
      call.on('data', (message: Buffer) => {
        answers.push(String(message))
        if (answers.length < 20) call.write(Buffer.from(String(answers.length)))
        else call.end()
      })
      call.on('end', resolve)
      call.on('error', reject)
    })
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, i) => `re: ${i}`),
    )
  })

  test('what the server says of a failure', async () => {
    const error = await refusal('echo', 'fail')
    assert.deepEqual([error.code, error.details], [status.ALREADY_EXISTS, 'there is one, ä'])
  })

  test('the deadline of the client is the server’s too, and ends the call there', async () => {
    const deadline = Date.now() + 500
    const error = await refusal('echo', 'slow', { deadline })
    assert.equal(error.code, status.DEADLINE_EXCEEDED)
    assert.equal(seen.deadlines.length, 1)
    assert.ok((seen.deadlines[0] ?? Number.POSITIVE_INFINITY) < deadline + 5_000)
    await until(() => seen.cancelled === 1)
  })

  test('a deadline that is too short says nothing of the server', async () => {
    const error = await refusal('judged', 'slow', { deadline: Date.now() + 200 })
    assert.equal(error.code, status.DEADLINE_EXCEEDED)
    // It is over in the gateway a little later than for the client.
    await until(() => seen.cancelled === 2)
    const { body } = await turnpike.api('GET', '/services/judged/stages/live/backends')
    assert.equal(body.nodes?.[0]?.backends?.[0]?.targets?.[0]?.state, 'healthy')
    const own = clientOf('judged')
    assert.equal((await unary(own, 'one', 'x')).answer, 'one x')
    own.close()
  })

  test('a call that the client cancels is cancelled at the server', async () => {
    const before = seen.deadlines.length
    const call = client.makeUnaryRequest('/test.Echo/slow', asIs, asIs, Buffer.from(''), () => undefined)
    await until(() => seen.deadlines.length > before)
    call.cancel()
    await until(() => seen.cancelled === 3)
  })
})

describe('calls of gRPC that the gateway refuses', () => {
  const cases: readonly (readonly [service: string, path: string, code: status, details: RegExp])[] = [
    ['keyed', 'one', status.UNAUTHENTICATED, /An API key is needed/],
    ['closed', 'one', status.PERMISSION_DENIED, /not allowed/],
    ['echo', 'one/more', status.UNIMPLEMENTED, /No resource/],
    ['nowhere', 'one', status.UNIMPLEMENTED, /No API/],
    ['gone', 'one', status.UNAVAILABLE, /could not be reached/],
    ['hasty', 'slow', status.DEADLINE_EXCEEDED, /did not answer in time/],
  ]
  for (const [name, path, code, details] of cases)
    test(`${name}: ${status[code]}`, async () => {
      const error = await refusal(name, path)
      assert.equal(error.code, code)
      assert.match(error.details, details)
    })

  test('a rate limit: RESOURCE_EXHAUSTED, and when to come again', async () => {
    const own = clientOf('limited')
    await unary(own, 'one', 'x')
    own.close()
    const error = await refusal('limited')
    assert.equal(error.code, status.RESOURCE_EXHAUSTED)
    assert.ok(Number(error.metadata.get('retry-after')[0]) > 0)
  })

  test('a stream of messages is refused as well, while it is sent', async () => {
    const own = clientOf('keyed')
    const error = await new Promise<ServiceError | null>((resolve) => {
      const call = own.makeClientStreamRequest('/test.Echo/upload', asIs, asIs, resolve)
      for (let i = 0; i < 50; i++) call.write(Buffer.alloc(50_000))
    })
    own.close()
    assert.equal(error?.code, status.UNAUTHENTICATED)
  })
})

/** A call that is answered by a stream: what comes before its end, and the status of that. */
function download(of: Client, name: string): Promise<{ code: status; details: string; messages: string[] }> {
  return new Promise((resolve) => {
    const messages: string[] = []
    const call = of.makeServerStreamRequest(`/test.Echo/${name}`, asIs, asIs, Buffer.from('x'))
    call.on('data', (message: Buffer) => messages.push(String(message)))
    call.on('error', () => undefined)
    call.on('status', ({ code, details }) => resolve({ code, details, messages }))
  })
}

describe('calls of gRPC that fail with 200', () => {
  test('are made again for a status that is named, where nothing else has been said', async () => {
    const own = clientOf('tried')
    flaky = { calls: 0, wellFrom: 3 }
    assert.equal((await unary(own, 'flaky', 'message')).answer, 'message')
    assert.equal(flaky.calls, 3)
    flaky = { calls: 0, wellFrom: 9 }
    const error = await refusal('tried', 'flaky')
    assert.deepEqual([error.code, error.details, flaky.calls], [status.UNAVAILABLE, 'not yet', 3])
    const { code, messages } = await download(own, 'late')
    assert.deepEqual([code, messages], [status.INTERNAL, ['the beginning']])
    own.close()
  })

  test('are failures to a breaker, wherever their status stands', async () => {
    flaky = { calls: 0, wellFrom: Number.POSITIVE_INFINITY }
    for (let i = 0; i < 4; i++) assert.equal((await refusal('broken', 'flaky')).details, 'not yet')
    assert.match((await refusal('broken', 'flaky')).details, /failed too often/)
    assert.equal(flaky.calls, 4)
    const own = clientOf('broken-late')
    for (let i = 0; i < 4; i++) assert.equal((await download(own, 'late')).details, 'the end')
    const { code, details, messages } = await download(own, 'late')
    assert.deepEqual([code, messages], [status.UNAVAILABLE, []])
    assert.match(details, /failed too often/)
    own.close()
  })

  test('are none to a breaker where they are the client’s own', async () => {
    for (let i = 0; i < 6; i++) assert.equal((await refusal('broken-not', 'fail')).code, status.ALREADY_EXISTS)
  })
})

describe('what calls of gRPC say of the health of a target', () => {
  const health = async (name: string) => {
    const { body } = await turnpike.api('GET', `/services/${name}/stages/live/backends`)
    const text = JSON.stringify(body)
    return { isOut: text.includes('"ejected"'), text }
  }

  test('a status that is a failure takes it out, and calls no longer come there', async () => {
    flaky = { calls: 0, wellFrom: Number.POSITIVE_INFINITY }
    for (let i = 0; i < 3; i++) {
      assert.equal((await health('watched')).isOut, false)
      assert.equal((await refusal('watched', 'flaky')).details, 'not yet')
    }
    assert.match((await health('watched')).text, /it answered with UNAVAILABLE in grpc-status/)
    const { code, details } = await refusal('watched', 'flaky')
    assert.deepEqual([code, flaky.calls], [status.UNAVAILABLE, 3])
    assert.notEqual(details, 'not yet')
  })

  test('so does one behind a stream that began well', async () => {
    const own = clientOf('watched-late')
    for (let i = 0; i < 3; i++) assert.equal((await download(own, 'late')).details, 'the end')
    assert.match((await health('watched-late')).text, /it answered with INTERNAL in grpc-status/)
    assert.deepEqual((await download(own, 'late')).messages, [])
    own.close()
  })

  test('one that is the client’s own does not, and a call that goes well between failures begins anew', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await refusal('watched-own', 'fail')).code, status.ALREADY_EXISTS)
    const own = clientOf('watched-own')
    for (let i = 0; i < 3; i++) {
      flaky = { calls: 0, wellFrom: 3 }
      for (let j = 0; j < 2; j++) assert.equal((await refusal('watched-own', 'flaky')).details, 'not yet')
      assert.equal((await unary(own, 'flaky', 'well')).answer, 'well')
    }
    assert.equal((await health('watched-own')).isOut, false)
    own.close()
  })

  test('which ones are failures can be set', async () => {
    for (let i = 0; i < 3; i++) assert.equal((await refusal('watched-named', 'fail')).code, status.ALREADY_EXISTS)
    assert.match((await health('watched-named')).text, /it answered with ALREADY_EXISTS in grpc-status/)
  })
})

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
