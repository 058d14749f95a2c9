import type { SnapshotBackend } from '../../snapshot/snapshot.ts'
import { targetKey, targetsOf } from './target.ts'

/**
 * What all workers of a process know together of the health of targets, in memory that they share: so a target that one of them
 * finds broken is left out by all, checks are made once, and neither a deployment nor the death of a worker forgets anything.
 */

/** Targets with health settings that one process can have. */
export const HEALTH_SLOTS = 16_384
export const SLOT_WORDS = 16

/** The memory, handed to each worker at its start. */
export function createHealthMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEALTH_SLOTS * SLOT_WORDS * 4)
}

/** The slots of the targets of one snapshot, by their keys. */
export type TargetSlots = readonly (readonly [key: string, slot: number])[]

/** Which target has which slot. Only the supervisor gives them out. */
export class SlotRegistry {
  private readonly words: Int32Array<SharedArrayBuffer>
  private readonly byKey = new Map<string, number>()
  /** The slots that are free; the one that was given back first is used first, when nobody knows it any more. */
  private readonly free: number[] = Array.from({ length: HEALTH_SLOTS }, (_, i) => i)

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
  }

  /** The slots of those targets that have health settings; a target keeps its slot for as long as `retain` names it. */
  of(backends: Readonly<Record<string, SnapshotBackend>>): TargetSlots {
    return keysOf(backends).map((key) => [key, this.byKey.get(key) ?? this.take(key)] as const)
  }

  /** The slot of a target, or undefined. */
  get(key: string): number | undefined {
    return this.byKey.get(key)
  }

  /** Takes the slots of all other targets back. */
  retain(live: Iterable<Readonly<Record<string, SnapshotBackend>>>): void {
    const kept = new Set([...live].flatMap(keysOf))
    for (const [key, slot] of this.byKey) {
      if (kept.has(key)) continue
      this.byKey.delete(key)
      this.free.push(slot)
    }
  }

  private take(key: string): number {
    const slot = this.free.shift()
    if (slot === undefined)
      throw new Error(`more than ${HEALTH_SLOTS} targets have health settings: take them from some of the backends`)
    this.words.fill(0, slot * SLOT_WORDS, (slot + 1) * SLOT_WORDS)
    this.byKey.set(key, slot)
    return slot
  }
}

function keysOf(backends: Readonly<Record<string, SnapshotBackend>>): string[] {
  const checked = Object.values(backends).filter(({ health }) => health !== undefined)
  return [...new Set(checked.flatMap((backend) => targetsOf(backend).map(targetKey)))]
}
