import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { closeFrame, FrameTracker } from './frames.ts'

/** A frame as a sender writes it, with the shortest length. */
function frame({ opcode, size, isMasked }: { opcode: number; size: number; isMasked: boolean }): Buffer {
  const mask = isMasked ? 0x80 : 0
  const head =
    size < 126
      ? Buffer.from([0x80 | opcode, mask | size])
      : size < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, size >> 8, size & 0xff])
        : Buffer.from([0x80 | opcode, mask | 127, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 0xff, size & 0xff])
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0, 7), Buffer.alloc(size, 1)])
}

const anyFrame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  size: fc.oneof(fc.nat(130), fc.constantFrom(65_535, 65_536, 70_000)),
  isMasked: fc.boolean(),
})

describe('frames', () => {
  test('their ends are found through any cut of the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 6 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (frames, cuts) => {
          const parts = frames.map(frame)
          const bytes = Buffer.concat(parts)
          const ends = new Set(parts.map((_, i) => Buffer.concat(parts.slice(0, i)).length).concat(bytes.length))
          const tracker = new FrameTracker()
          const places = [...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort((a, b) => a - b)
          for (const [i, place] of places.entries()) {
            tracker.followAll(bytes, places[i - 1] ?? 0, place)
            assert.equal(tracker.isBetweenFrames, ends.has(place), `at ${place}`)
          }
          assert.equal(tracker.hasClosed, false)
        },
      ),
    )
  })

  test('one is followed to its end, and not beyond', () => {
    const first = frame({ opcode: 1, size: 300, isMasked: true })
    const bytes = Buffer.concat([first, frame({ opcode: 2, size: 5, isMasked: true })])
    const tracker = new FrameTracker()
    assert.equal(tracker.follow(bytes, 0, 10), 10)
    assert.equal(tracker.isBetweenFrames, false)
    assert.equal(tracker.follow(bytes, 10, bytes.length), first.length)
    assert.equal(tracker.isBetweenFrames, true)
  })

  test('a Close is noticed when it is complete', () => {
    const tracker = new FrameTracker()
    const bytes = frame({ opcode: 8, size: 2, isMasked: false })
    tracker.followAll(bytes, 0, 3)
    assert.equal(tracker.hasClosed, false)
    tracker.followAll(bytes, 3, 4)
    assert.equal(tracker.hasClosed, true)
  })

  test('a length beyond all reason means that these are not frames', () => {
    const tracker = new FrameTracker()
    tracker.followAll(Buffer.from([0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]), 0, 13)
    assert.equal(tracker.isLost, true)
    assert.equal(tracker.isBetweenFrames, false)
  })
})

describe('a Close of ours', () => {
  test('is a frame with code and reason', () => {
    assert.deepEqual(closeFrame('Bye', false), Buffer.from([0x88, 5, 0x03, 0xe9, 0x42, 0x79, 0x65]))
  })

  test('is masked for a server', () => {
    const bytes = closeFrame('Bye', true)
    assert.deepEqual([...bytes.subarray(0, 2)], [0x88, 0x85])
    const mask = bytes.subarray(2, 6)
    const payload = bytes.subarray(6).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
    assert.deepEqual(payload, closeFrame('Bye', false).subarray(2))
  })
})
