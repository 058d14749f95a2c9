import { isDeepStrictEqual } from 'node:util'
import { type Budget, spend } from './budget.ts'
import { ConditionFailure } from './language.ts'

/** Values of conditions, and what is done with them. */

/** Methods of texts; the second text is empty where there is none. */
export const methods: Readonly<Record<string, (subject: string, operand: string, budget: Budget) => unknown>> = {
  startsWith: (subject, operand) => subject.startsWith(operand),
  endsWith: (subject, operand) => subject.endsWith(operand),
  contains: (subject, operand, budget) => {
    // The search of V8 may look at every character of the one for every character of the other.
    spend(budget, (subject.length * operand.length) >> 4)
    return subject.includes(operand)
  },
  lowerAscii: (subject, _, budget) => {
    spend(budget, subject.length)
    return subject.toLowerCase()
  },
  upperAscii: (subject, _, budget) => {
    spend(budget, subject.length)
    return subject.toUpperCase()
  },
  split: (subject, operand, budget) => {
    spend(budget, subject.length * (operand.length + 1))
    return subject.split(operand)
  },
}

export const dateParts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
}

export const comparisons = {
  '<': (x: number, y: number) => x < y,
  '<=': (x: number, y: number) => x <= y,
  '>': (x: number, y: number) => x > y,
  '>=': (x: number, y: number) => x >= y,
}

export const calculations = {
  '+': (x: number, y: number) => x + y,
  '-': (x: number, y: number) => x - y,
  '*': (x: number, y: number) => x * y,
  '%': (x: number, y: number) => x % y,
}

export function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ConditionFailure(`true or false is needed and there is ${kindOf(value)}`)
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ConditionFailure(`a text is needed and there is ${kindOf(value)}`)
}

export function number(value: unknown): number {
  if (typeof value === 'number') return value
  throw new ConditionFailure(`a number is needed and there is ${kindOf(value)}`)
}

/** The whole number that a text stands for, or that a number is without its fraction. */
export function whole(value: unknown): number {
  if (typeof value === 'string' && !/^-?\d{1,16}$/.test(value))
    throw new ConditionFailure('int() is given a text that is no whole number')
  const result = typeof value === 'string' ? Number(value) : Math.trunc(number(value))
  if (Number.isSafeInteger(result)) return result
  throw new ConditionFailure('int() is given a number beyond 2^53')
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ConditionFailure(`string() is given ${kindOf(value)}`)
}

/** An element of a list, or a member of an object; null for a member that is not there. */
export function element(holder: unknown, key: unknown): unknown {
  if (Array.isArray(holder)) {
    const place = number(key)
    if (place >= 0 && place < holder.length) return holder[place]
    throw new ConditionFailure(`a list of ${holder.length} has no element ${place}`)
  }
  if (!isRecord(holder)) return null
  const name = text(key)
  return Object.hasOwn(holder, name) ? (holder[name] ?? null) : null
}

export function isEqual(a: unknown, b: unknown, budget: Budget): boolean {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    spend(budget, Array.isArray(a) ? a.length : 1_000)
    return isDeepStrictEqual(a, b)
  }
  if (typeof a === 'string' && a.length > 1_024) spend(budget, a.length >> 4)
  return a === b
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  const kinds: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false' }
  return kinds[typeof value] ?? 'an object'
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
