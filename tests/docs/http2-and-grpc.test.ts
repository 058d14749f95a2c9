import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { grpcCode } from '../../src/gateway/grpc.ts'

/** The guide on HTTP/2 and gRPC says what the code says, and its program runs. */

const ROOT = join(import.meta.dirname, '../..')
const guide = readFileSync(join(ROOT, 'docs/guides/http2-and-grpc.md'), 'utf8')

describe('statuses of gRPC', () => {
  const rows = [...guide.matchAll(/^\| ([\d, ]+|others) \| (\d+) \| `(\w+)` \|$/gm)]
  test('there are some', () => assert.ok(rows.length >= 9))
  for (const [, statuses = '', code, name = ''] of rows)
    test(`${statuses}: ${name}`, () => {
      for (const each of statuses === 'others' ? ['402', '409'] : statuses.split(', '))
        assert.equal(grpcCode(Number(each)), Number(code), each)
      assert.equal(status[Number(code)], name)
    })
})

test('the program of the guide makes its call, with the key', async () => {
  const program = /```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? ''
  const keys: unknown[] = []
  const server = new Server()
  const bytes = (message: Buffer) => message
  const method = {
    path: '/helloworld.Greeter/SayHello',
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  server.addService(
    { sayHello: method },
    {
      sayHello(call: { metadata: { get(name: string): unknown[] } }, done: (error: null, reply: Buffer) => void) {
        keys.push(...call.metadata.get('x-api-key'))
        done(null, Buffer.from('hello'))
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  const args = ['--input-type=commonjs', '--eval', program.replace('127.0.0.1:8080', `127.0.0.1:${port}`)]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, API_KEY: 'secret' },
    timeout: 20_000,
  })
  server.forceShutdown()
  assert.equal(stdout, 'greeted\n')
  assert.deepEqual(keys, ['secret'])
})
