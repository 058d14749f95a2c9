import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasFastReads } from './tls-reads.ts'

test('TLS sockets read into the one buffer on the Node.js that the program brings', () => assert.ok(hasFastReads))
