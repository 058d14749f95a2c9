import { useRef } from 'react'

/** A key for each item of a list that is edited: they have no names of their own, and move. */
export interface ItemKeys {
  readonly keys: readonly number[]
  add(): void
  remove(place: number): void
  move(from: number, to: number): void
}

/** Keys for so many items. Changes to the list are made to the keys too, so that each field stays with its item. */
export function useKeys(count: number): ItemKeys {
  const state = useRef<{ keys: number[]; next: number }>({ keys: [], next: 0 })
  const { current } = state
  while (current.keys.length < count) current.keys.push(current.next++)
  current.keys.length = count
  return {
    keys: current.keys,
    add() {
      current.keys = [...current.keys, current.next++]
    },
    remove(place) {
      current.keys = current.keys.filter((_, i) => i !== place)
    },
    move(from, to) {
      current.keys = moved(current.keys, from, to)
    },
  }
}

/** A list with one item at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list.slice(from, from + 1)
  const others = list.filter((_, place) => place !== from)
  return [...others.slice(0, to), ...item, ...others.slice(to)]
}
