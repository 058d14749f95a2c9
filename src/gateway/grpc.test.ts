import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeaderList } from '../lib/headers/header-list.ts'
import { fillGrpcStatus, grpcTimeoutMs, isGrpc } from './grpc.ts'

describe('gRPC in words of HTTP', () => {
  const times: readonly (readonly [value: string, ms: number | null])[] = [
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['5S', 5_000],
    ['250m', 250],
    ['1500u', 2],
    ['1n', 1],
    ['0S', 0],
    ['99999999H', 99_999_999 * 3_600_000],
    ['100000000S', null],
    ['S', null],
    ['5', null],
    ['5s', null],
    ['-5S', null],
    ['5S ', null],
    ['1.5S', null],
  ]
  for (const [value, ms] of times) test(`grpc-timeout: ${value}`, () => assert.equal(grpcTimeoutMs(value), ms))

  const types: readonly (readonly [type: string, is: boolean])[] = [
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['Application/gRPC; charset=utf-8', true],
    ['application/grpc-web', false],
    ['application/grpc-web+proto', false],
    ['application/grpcx', false],
    ['application/json', false],
  ]
  for (const [type, is] of types)
    test(`content-type: ${type}`, () => {
      const headers = new HeaderList()
      headers.push('Content-Type', type)
      assert.equal(isGrpc(headers), is)
    })

  test('a message is written so that it can stand in a header', () => {
    const headers = new HeaderList()
    assert.equal(fillGrpcStatus(headers, 401, 'nö: 100 %\n'), 200)
    assert.equal(headers.get('grpc-status'), '16')
    assert.equal(headers.get('grpc-message'), 'n%C3%B6: 100 %25%0A')
  })
})
