import type { Selectable, Transaction } from '#bundles/kysely'
import type { Policy, PolicyValue } from '../model/policy.ts'
import { inBatches } from './batches.ts'
import type { Tables } from './schema.ts'

/** A policy without its values, and how many there are. */
export interface PolicySummary extends Omit<Policy, 'values'> {
  readonly valueCount: number
}

/** Restriction policies of services. */
export class Policies {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** All policies of a service, by name in order. */
  async ofService(serviceId: string): Promise<Policy[]> {
    const values = Map.groupBy(await this.values(serviceId).execute(), ({ policy }) => policy)
    return (await this.rowsOf(serviceId)).map((row) => toPolicy(row, values.get(row.name) ?? []))
  }

  /** The same without their values. */
  async summariesOf(serviceId: string): Promise<PolicySummary[]> {
    const counts = await this.db
      .selectFrom('policy_values')
      .select(['policy', (builder) => builder.fn.countAll().as('count')])
      .where('service_id', '=', serviceId)
      .groupBy('policy')
      .execute()
    const countOf = new Map(counts.map(({ policy, count }) => [policy, Number(count)]))
    return (await this.rowsOf(serviceId)).map((row) => {
      const { values: _, ...summary } = toPolicy(row, [])
      return { ...summary, valueCount: countOf.get(row.name) ?? 0 }
    })
  }

  /** The keys of the policies of a service, by name. */
  async keysOf(serviceId: string): Promise<Map<string, Policy['key']>> {
    const rows = await this.db
      .selectFrom('policies')
      .select(['name', 'key_in', 'key_name'])
      .where('service_id', '=', serviceId)
      .execute()
    return new Map(rows.map((row) => [row.name, toKey(row)]))
  }

  async find(serviceId: string, name: string): Promise<Policy | null> {
    const row = await this.db
      .selectFrom('policies')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('name', '=', name)
      .executeTakeFirst()
    if (row === undefined) return null
    return toPolicy(row, await this.values(serviceId).where('policy', '=', name).execute())
  }

  /** One value of a policy. */
  async findValue(serviceId: string, policy: string, value: string): Promise<PolicyValue | null> {
    const row = await this.values(serviceId).where('policy', '=', policy).where('value', '=', value).executeTakeFirst()
    return row === undefined ? null : toValue(row)
  }

  async countValues(serviceId: string, policy: string): Promise<number> {
    const row = await this.db
      .selectFrom('policy_values')
      .select((builder) => builder.fn.countAll().as('count'))
      .where('service_id', '=', serviceId)
      .where('policy', '=', policy)
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }

  async insert(serviceId: string, policies: readonly Policy[]): Promise<void> {
    await inBatches(
      policies.map((policy) => fromPolicy(serviceId, policy)),
      (rows) => this.db.insertInto('policies').values(rows).execute(),
    )
    for (const { name, values } of policies) await this.insertValues(serviceId, name, values)
  }

  /** Puts a policy in the place of that of its name; its values stay where they are not given. */
  async update(serviceId: string, policy: Omit<Policy, 'values'>, values: Policy['values'] | null): Promise<void> {
    await this.db
      .updateTable('policies')
      .set(fromPolicy(serviceId, policy))
      .where('service_id', '=', serviceId)
      .where('name', '=', policy.name)
      .execute()
    if (values === null) return
    await this.db
      .deleteFrom('policy_values')
      .where('service_id', '=', serviceId)
      .where('policy', '=', policy.name)
      .execute()
    await this.insertValues(serviceId, policy.name, values)
  }

  /** Puts a value in the place of that which is there, or adds it. */
  async setValue(serviceId: string, policy: string, value: PolicyValue): Promise<void> {
    const { requests_per_second, networks } = fromValue(serviceId, policy, value)
    await this.db
      .insertInto('policy_values')
      .values(fromValue(serviceId, policy, value))
      .onConflict((conflict) =>
        conflict.columns(['service_id', 'policy', 'value']).doUpdateSet({ requests_per_second, networks }),
      )
      .execute()
  }

  async deleteValue(serviceId: string, policy: string, value: string): Promise<void> {
    await this.db
      .deleteFrom('policy_values')
      .where('service_id', '=', serviceId)
      .where('policy', '=', policy)
      .where('value', '=', value)
      .execute()
  }

  async delete(serviceId: string, names: readonly string[]): Promise<void> {
    await inBatches(names, (some) =>
      this.db.deleteFrom('policies').where('service_id', '=', serviceId).where('name', 'in', some).execute(),
    )
  }

  private rowsOf(serviceId: string) {
    return this.db.selectFrom('policies').selectAll().where('service_id', '=', serviceId).orderBy('name').execute()
  }

  private values(serviceId: string) {
    return this.db.selectFrom('policy_values').selectAll().where('service_id', '=', serviceId).orderBy('value')
  }

  private async insertValues(serviceId: string, policy: string, values: Policy['values']): Promise<void> {
    await inBatches(
      values.map((value) => fromValue(serviceId, policy, value)),
      (rows) => this.db.insertInto('policy_values').values(rows).execute(),
    )
  }
}

function toPolicy(row: Selectable<Tables['policies']>, values: readonly Selectable<Tables['policy_values']>[]): Policy {
  return {
    name: row.name,
    description: row.description,
    key: toKey(row),
    requestsPerSecond: row.requests_per_second,
    unlisted: row.unlisted as Policy['unlisted'],
    remainingHeader: row.remaining_header,
    values: values.map(toValue),
  }
}

function toKey(row: Pick<Tables['policies'], 'key_in' | 'key_name'>): Policy['key'] {
  return { in: row.key_in as Policy['key']['in'], name: row.key_name }
}

function fromPolicy(serviceId: string, policy: Omit<Policy, 'values'>): Tables['policies'] {
  const { name, description, key, requestsPerSecond, unlisted, remainingHeader } = policy
  return {
    service_id: serviceId,
    name,
    description,
    key_in: key.in,
    key_name: key.name,
    requests_per_second: requestsPerSecond,
    unlisted,
    remaining_header: remainingHeader,
  }
}

function toValue({ value, requests_per_second, networks }: Selectable<Tables['policy_values']>): PolicyValue {
  return {
    value,
    requestsPerSecond: requests_per_second,
    networks: networks === null ? null : JSON.parse(networks),
  }
}

function fromValue(
  serviceId: string,
  policy: string,
  { value, requestsPerSecond, networks }: PolicyValue,
): Tables['policy_values'] {
  return {
    service_id: serviceId,
    policy,
    value,
    requests_per_second: requestsPerSecond,
    networks: networks === null ? null : JSON.stringify(networks),
  }
}
