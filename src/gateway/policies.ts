import type { Policies, RestrictionPolicy } from '../plugins/policies.ts'

/**
 * The restriction policies of one snapshot while it is loaded. Each is made ready once, so that a thousand routes share what
 * is made of ten thousand values; with the table that they were loaded for they go.
 */
export class LoadedPolicies implements Policies {
  private readonly policies: Readonly<Record<string, RestrictionPolicy>>
  private readonly made = new Map<string, unknown>()

  constructor(policies: Readonly<Record<string, RestrictionPolicy>>) {
    this.policies = policies
  }

  ready<T>(name: string, make: (policy: RestrictionPolicy) => T): T {
    if (!this.made.has(name)) {
      const policy = Object.hasOwn(this.policies, name) ? this.policies[name] : undefined
      if (policy === undefined) throw new Error(`the snapshot does not have the policy "${name}"`)
      this.made.set(name, make(policy))
    }
    // One plugin asks for policies, and makes all of one name by one function.
    return this.made.get(name) as T
  }
}
