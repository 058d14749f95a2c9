import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { listen } from '../../../console/src/api/use-read.ts'

/** What a component does between being drawn and being there, and what may come meanwhile. */
const cases: readonly (readonly [what: string, came: (client: QueryClient) => void, tells: boolean])[] = [
  ['nothing', () => undefined, false],
  ['an answer', (client) => void client.setQueryData(['read'], 'answer'), true],
  [
    'an answer that is gone again',
    (client) => {
      client.setQueryData(['read'], 'answer')
      client.removeQueries({ queryKey: ['read'] })
    },
    false,
  ],
]
for (const [what, came, tells] of cases)
  test(`of ${what} that comes between drawing and listening a component ${tells ? 'is told' : 'is not told'}`, () => {
    const client = new QueryClient()
    const asked = client.defaultQueryOptions<string>({ queryKey: ['read'], enabled: false })
    const observer = new QueryObserver<string>(client, asked)
    const drawn = observer.getOptimisticResult(asked)
    came(client)
    // What the component does first when it is there.
    observer.setOptions(asked)
    let told = 0
    const end = listen(observer, drawn, () => told++)
    assert.equal(told, tells ? 1 : 0)
    assert.equal(observer.getCurrentResult().data, tells ? 'answer' : undefined)
    end()
    client.clear()
  })

test('of what comes later it is told', async () => {
  const client = new QueryClient()
  const asked = client.defaultQueryOptions<string>({ queryKey: ['read'], enabled: false })
  const observer = new QueryObserver<string>(client, asked)
  const drawn = observer.getOptimisticResult(asked)
  observer.setOptions(asked)
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = listen(observer, drawn, resolve)
  client.setQueryData(['read'], 'answer')
  await promise
  assert.equal(observer.getCurrentResult().data, 'answer')
  end()
  client.clear()
})
