import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gatewayResponseNames } from '../model/gateway-response.ts'
import { gatewayResponses } from '../plugins/replies.ts'
import { previewResponse } from './preview-response.ts'

const whoever = { service: 'shop', host: 'shop.example', accept: '' }

describe('the preview of a gateway response', () => {
  for (const type of gatewayResponseNames) {
    test(`${type} has a default one`, () => {
      const { status, body, headers } = previewResponse(type, null, whoever)
      assert.equal(status, gatewayResponses[type].status)
      assert.deepEqual(headers, [{ name: 'Content-Type', value: 'application/problem+json' }])
      assert.equal(JSON.parse(body).status, status)
    })
  }

  test('fills in sample values, escaped for the type of the body, in UTF-8', () => {
    const bodies = [
      { contentType: 'application/json', body: '{"가":"${request.host} ${error.code} $!{consumer.id}"}' },
      { contentType: 'text/html', body: '<p>${request.clientIp} ${request.uri}</p>' },
    ]
    const response = { status: 410, headers: { 'X-Stage': '${stage.name}' }, bodies }
    assert.deepEqual(previewResponse('not-found', response, whoever), {
      status: 410,
      headers: [
        { name: 'X-Stage', value: 'preview' },
        { name: 'Content-Type', value: 'application/json' },
        { name: 'Vary', value: 'Accept' },
      ],
      body: '{"가":"shop.example unknown-host "}',
    })
    const html = previewResponse('not-found', response, { ...whoever, accept: 'text/html' })
    assert.equal(html.body, '<p>203.0.113.7 /orders/42?page=1</p>')
  })
})
