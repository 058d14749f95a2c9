import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readAhead } from './ahead.ts'

const file = join(mkdtempSync(join(tmpdir(), 'ahead-')), 'ahead.json')
writeFileSync(
  file,
  JSON.stringify({
    front: ['/assets/front.js'],
    views: [
      { path: '/', files: ['/assets/home.css', '/assets/home.js'], data: ['/api/v1/alerts'] },
      {
        path: '/services/:service/stages/:stage',
        files: ['/assets/stage.js'],
        data: ['/api/v1/services/:service/stages/:stage'],
      },
    ],
  }),
)
const linkOf = readAhead(file)
const ME = '</api/v1/me>; rel=preload; as=fetch; crossorigin'

const cases = [
  { name: 'the login, to nobody', path: '/', hasSession: false, links: ['</assets/front.js>; rel=modulepreload', ME] },
  {
    name: 'what a view is made of and what it asks for',
    path: '/',
    links: [
      '</assets/home.css>; rel=preload; as=style; crossorigin',
      '</assets/home.js>; rel=modulepreload',
      ME,
      '</api/v1/alerts>; rel=preload; as=fetch; crossorigin',
    ],
  },
  {
    name: 'names as the path has them',
    path: '/services/caf%C3%A9/stages/live',
    links: [
      '</assets/stage.js>; rel=modulepreload',
      ME,
      '</api/v1/services/caf%C3%A9/stages/live>; rel=preload; as=fetch; crossorigin',
    ],
  },
  { name: 'only who is there where it knows no more', path: '/audit', links: [ME] },
  { name: 'nothing of a path that would end a link', path: '/services/a>;rel=b/stages/live', links: [ME] },
  { name: 'nothing of a path that would begin another', path: '/services/a,<b/stages/live', links: [ME] },
  { name: 'nothing of an empty name', path: '/services//stages/live', links: [ME] },
] as const

for (const { name, path, links, ...given } of cases) {
  test(`names ${name}`, () => {
    assert.deepEqual(linkOf(path, !('hasSession' in given)).split(', '), links)
  })
}

test('whoever reads a public document is asked nothing', () => {
  assert.equal(linkOf('/documents/shop/live', false), '')
  assert.equal(linkOf('/documents/shop/live', true), '')
})

test('a console that has not been built needs nothing but who is there', () => {
  assert.equal(readAhead(`${file}.missing`)('/', true), ME)
})
