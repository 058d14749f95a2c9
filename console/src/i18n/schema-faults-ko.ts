import { expectedKo } from './expected-ko.ts'

/** What the API says of a value that does not fit its schema, in Korean. What it says else stays as it is. */
export function schemaFaultKo(message: string): string {
  const pattern = patternFault(message)
  if (pattern !== undefined) return pattern
  for (const [said, korean] of faults) if (said.test(message)) return message.replace(said, korean)
  return message
}

const PATTERN = /^must be (.+?)(?:, such as (.+))?\.$/s

function patternFault(message: string): string | undefined {
  const [, expected = '', example] = PATTERN.exec(message) ?? []
  if (!Object.hasOwn(expectedKo, expected)) return undefined
  return `형식이 맞지 않습니다. 필요한 형식: ${expectedKo[expected]}${example === undefined ? '' : ` (예: ${example})`}`
}

/** In the words of `api/problem.ts`, and of Ajv for what that leaves to it. */
const faults: readonly (readonly [said: RegExp, korean: string])[] = [
  [/^is required\.$/, '필수입니다.'],
  [/^is not a known field: leave it out\.$/, '없는 필드입니다. 빼 주세요.'],
  [/^has no field: name what is to change\.$/, '필드가 없습니다. 바꿀 것을 적어 주세요.'],
  [/^must be one of (.+) \(did you mean "(.+)"\?\)\.$/s, '다음 중 하나여야 합니다: $1. "$2"을(를) 뜻했나요?'],
  [/^must be one of (.+)\.$/s, '다음 중 하나여야 합니다: $1.'],
  [/^must be ("[^"]*"|\d+|true|false)\.$/, '$1여야 합니다.'],
  [/^must be string\.$/, '텍스트여야 합니다.'],
  [/^must be integer\.$/, '정수여야 합니다.'],
  [/^must be number\.$/, '숫자여야 합니다.'],
  [/^must be boolean\.$/, 'true 또는 false여야 합니다.'],
  [/^must be object\.$/, '객체여야 합니다.'],
  [/^must be array\.$/, '목록이어야 합니다.'],
  [/^must be null\.$/, 'null이어야 합니다.'],
  [/^must be >= (.+)\.$/, '$1 이상이어야 합니다.'],
  [/^must be <= (.+)\.$/, '$1 이하여야 합니다.'],
  [/^must be > (.+)\.$/, '$1보다 커야 합니다.'],
  [/^must be < (.+)\.$/, '$1보다 작아야 합니다.'],
  [/^must be multiple of (.+)\.$/, '$1의 배수여야 합니다.'],
  [/^must NOT have fewer than (\d+) characters\.$/, '$1자 이상이어야 합니다.'],
  [/^must NOT have more than (\d+) characters\.$/, '$1자 이하여야 합니다.'],
  [/^must NOT have fewer than (\d+) (?:items|properties)\.$/, '$1개 이상이어야 합니다.'],
  [/^must NOT have more than (\d+) (?:items|properties)\.$/, '$1개 이하여야 합니다.'],
  [/^must NOT have duplicate items .*\.$/, '같은 것이 두 번 있습니다.'],
  [/^must match format "date-time"\.$/, 'ISO 8601 시각이어야 합니다.'],
  [/^must match (?:a schema in anyOf|exactly one schema in oneOf)\.$/, '가능한 형식이 아닙니다.'],
]
