/** The language of conditions: what it speaks of, and how it fails. */

/** A variable with a value of its own. */
export interface CelVariable<Scope> {
  readonly type: 'string' | 'int' | 'bool' | 'list<string>' | 'timestamp'
  /** One sentence for the reference. */
  readonly description: string
  /** A timestamp is milliseconds since the Unix epoch. */
  read(scope: Scope): unknown
}

/** A variable of which single keys are read: it is never built as a whole. */
export interface CelMap<Scope> {
  readonly type: 'map<string, string>' | 'map<string, dyn>'
  readonly description: string
  /** What a key that is not there reads as. */
  readonly missing: '' | null
  /** The value of a key, or undefined. */
  get(scope: Scope, key: string): unknown
  /** Says what is wrong with a key that stands in the expression; null for nothing. */
  checkKey?(key: string): string | null
}

/** Variables by their qualified names, such as `request.method`; all have exactly one dot. */
export type CelVariables<Scope> = Readonly<Record<string, CelVariable<Scope> | CelMap<Scope>>>

/** A condition that cannot be used: why, where (a place in the expression, from 0) and what to do. */
export class InvalidCondition extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** A condition that has no value for this scope: a number that is none, too much work. */
export class ConditionFailure extends Error {}

/** A condition ready to be evaluated. Throws `ConditionFailure`, and nothing else. */
export type Condition<Scope> = (scope: Scope) => boolean

/** What the language has besides variables and operators; for the reference. */
export const celFunctions = {
  'size(text)': 'Number of characters of a text, or of elements of a list; also `text.size()`.',
  'text.startsWith(text)': 'Whether a text begins with another.',
  'text.endsWith(text)': 'Whether a text ends with another.',
  'text.contains(text)': 'Whether a text has another in it.',
  'text.matches(pattern)': 'Whether a pattern (RE2 syntax, written as a literal) fits anywhere in the text.',
  'text.lowerAscii()': 'The text in lower case.',
  'text.upperAscii()': 'The text in upper case.',
  'text.split(text)': 'The parts of a text between the separators, as a list.',
  'int(text)': 'The whole number that a text stands for. Fails where it stands for none.',
  'string(number)': 'A number as text.',
  'has(map.key)': 'Whether a map has a key; `"key" in map` is the same for keys that are no names.',
  'cidr(network).containsIP(text)':
    'Whether an address is in a network, which is written as a literal: `cidr("10.0.0.0/8")`.',
  'list.exists(name, condition)': 'Whether the condition holds for at least one element.',
  'list.all(name, condition)': 'Whether the condition holds for every element.',
  'list.exists_one(name, condition)': 'Whether the condition holds for exactly one element.',
  'timestamp(text)': 'A moment, written as a literal: `timestamp("2026-12-31T23:00:00Z")`.',
  'timestamp.getHours()':
    'The hour (UTC, 0 to 23); likewise `getMinutes()`, `getSeconds()`, `getDayOfWeek()` (0 is Sunday), `getDate()`, `getMonth()` (0 is January), `getFullYear()`.',
} as const
