import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Stack } from './stack.ts'

test('a stack is what an array is', () => {
  const step = fc.oneof(
    fc.record({ push: fc.nat(5) }),
    fc.record({ remove: fc.nat(5) }),
    fc.constantFrom('pop' as const, 'takeAll' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const stack = new Stack<number>()
      const array: number[] = []
      for (const one of steps) {
        if (one === 'pop') assert.equal(stack.pop(), array.pop() ?? null)
        else if (one === 'takeAll') assert.deepEqual(stack.takeAll(), array.splice(0))
        else if ('push' in one) {
          stack.push(one.push)
          array.push(one.push)
        } else {
          stack.remove(one.remove)
          const at = array.lastIndexOf(one.remove)
          if (at !== -1) array.splice(at, 1)
        }
        assert.equal(stack.length, array.length)
        for (let item = 0; item <= 5; item++) assert.equal(stack.includes(item), array.includes(item))
      }
    }),
  )
})
