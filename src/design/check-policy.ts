import { isFieldName } from '../lib/headers/header-list.ts'
import { isNetwork } from '../lib/network-set.ts'
import type { Policy, PolicyValue } from '../model/policy.ts'
import { checkName } from '../plugins/header-changes.ts'
import type { Problem } from '../plugins/plugin.ts'

/** A policy in its one form: values in order, so that equal policies are equal however they were written. */
export function normalPolicy(policy: Policy): Policy {
  return { ...policy, values: policy.values.toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)) }
}

/** Everything wrong with a policy that its schema cannot say. */
export function checkPolicy({ key, remainingHeader, values }: Policy): Problem[] {
  const seen = new Set<string>()
  return [
    ...checkKey(key),
    ...(remainingHeader === null ? [] : checkName(remainingHeader, '/remainingHeader')),
    ...values.flatMap((one, i) => {
      const isTwice = seen.has(one.value)
      seen.add(one.value)
      const twice = { path: `/values/${i}/value`, message: `"${one.value}" is listed twice: keep one.` }
      return [...(isTwice ? [twice] : []), ...checkPolicyValue(one, `/values/${i}`)]
    }),
  ]
}

/** The same for one value; `at` is the JSON Pointer of where it stands. */
export function checkPolicyValue({ value, networks }: PolicyValue, at: string): Problem[] {
  return [
    ...checkText(value, `${at}/value`),
    ...(networks?.list ?? []).flatMap((network, i) =>
      isNetwork(network)
        ? []
        : [
            {
              path: `${at}/networks/list/${i}`,
              message: `"${network}" is not an address or a CIDR range: write 10.0.0.0/8, say.`,
            },
          ],
    ),
  ]
}

function checkKey({ in: where, name }: Policy['key']): Problem[] {
  const path = '/key/name'
  if (where === 'header')
    return isFieldName(name)
      ? []
      : [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
  return /^[A-Za-z_][A-Za-z0-9_.-]*\+?$/.test(name)
    ? []
    : [{ path, message: `"${name}" is not a path variable: write it without braces, such as "id" or "rest+".` }]
}

function checkText(value: string, path: string): Problem[] {
  if (/[\u0000-\u001f\u007f]/.test(value))
    return [{ path, message: 'A value has no control characters: no request can carry them.' }]
  if (value !== value.trim()) return [{ path, message: `"${value}" has spaces at its ends: take them away.` }]
  return []
}
