import { pointerTo } from '../../lib/json-pointer.ts'
import type { PolicyFields } from '../../model/declarative.ts'
import type { Policy } from '../../model/policy.ts'
import type { Problem } from '../../plugins/plugin.ts'
import { checkPolicy, normalPolicy } from '../check-policy.ts'

/**
 * The policies that a service is to have by a document, and everything that is wrong with them. Those that the document does
 * not name stay, unless it prunes.
 */
export function readPolicies(
  fields: Readonly<Record<string, PolicyFields>> | undefined,
  before: readonly Policy[],
  { prune, pointer }: { readonly prune: boolean; readonly pointer: string },
): { policies: Policy[]; problems: Problem[] } {
  if (fields === undefined) return { policies: [...before], problems: [] }
  const described = Object.entries(fields).map(([name, policy]): Policy => ({ name, ...policy }))
  const problems = described.flatMap((policy) =>
    checkPolicy(policy).map(({ path, message }) => ({ path: pointer + pointerTo(policy.name) + path, message })),
  )
  const others = prune ? [] : before.filter(({ name }) => !Object.hasOwn(fields, name))
  return { policies: [...described.map(normalPolicy), ...others], problems }
}
