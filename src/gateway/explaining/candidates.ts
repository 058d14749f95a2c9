import type { Explanation } from '../../model/explanation.ts'
import type { SnapshotRoute } from '../../snapshot/snapshot.ts'

/** The routes whose pattern fits a path, the most specific first. */
export function candidates(
  routes: readonly SnapshotRoute[],
  path: string,
  matched: string | null,
): Explanation['candidates'] {
  const winner = routes.find(({ id }) => id === matched)
  return routes
    .filter(({ pattern }) => patternOf(pattern).test(path))
    .toSorted((a, b) => (specificity(a) < specificity(b) ? -1 : 1))
    .map(({ id, pattern, method }) => ({
      pattern,
      method,
      verdict:
        id === matched
          ? 'matched'
          : pattern === winner?.pattern || winner === undefined
            ? 'other method'
            : 'less specific',
    }))
}

function patternOf(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((segment) =>
      segment.endsWith('+}')
        ? '.+'
        : segment.startsWith('{')
          ? '[^/]+'
          : segment.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'),
    )
    .join('/')
  return new RegExp(`^${source}$`)
}

/** Sorts as the router prefers: literal, variable, rest, segment by segment. */
function specificity({ pattern }: SnapshotRoute): string {
  return pattern
    .split('/')
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('')
}
