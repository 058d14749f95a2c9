import type { KeyGate } from '../../plugins/plugin.ts'

/** A gate that says what it knows, and the caller is not told. */
export function observedKeys(gate: KeyGate, told: (note: string) => void): KeyGate {
  return {
    admit(value, x) {
      const verdict = gate.admit(value, x)
      const { refusal, consumer, plan, requestsPerSecond, burst, remaining, quota, quotaRemaining, waitMs } = verdict
      if (refusal === 'unknown') told('no key has this value')
      if (refusal === 'inactive') told('the key is not active')
      if (refusal === 'expired') told('the key has expired')
      if (refusal === 'not-subscribed') told('the key is not subscribed to this stage')
      if (consumer !== null) told(`key "${consumer.name}", plan "${plan}"`)
      if (remaining >= 0)
        told(
          refusal === 'rate-limited'
            ? `rate of ${requestsPerSecond} per second, ${burst} at once: full; one can come in ${waitMs} ms`
            : `rate of ${requestsPerSecond} per second, ${burst} at once: ${remaining} more could come now`,
        )
      if (quotaRemaining >= 0)
        told(
          refusal === 'quota-exceeded'
            ? `quota of ${quota}: used up; one can come at ${new Date(Date.now() + waitMs).toISOString()}`
            : `quota of ${quota}: ${quotaRemaining} left after this one`,
        )
      return verdict
    },
  }
}
