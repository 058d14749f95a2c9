import { createClient, type GlobalOptions } from './client.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'
import { table } from './table.ts'

/** `turnpike audit`: who did what. */

interface AuditOptions extends GlobalOptions {
  readonly service?: string
  readonly actor?: string
  readonly action?: string
  readonly kind?: string
  readonly from?: string
  readonly to?: string
  readonly limit: string
}

interface Entry {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly kind: string
  readonly objectId: string
  readonly service: string | null
  readonly serviceId: string | null
  readonly before: unknown
  readonly after: unknown
}

/** Shows the entries of the audit log that fit, the newest first. */
export async function showAudit({
  service,
  actor,
  action,
  kind,
  from,
  to,
  limit,
  ...globals
}: AuditOptions): Promise<void> {
  if (!/^[1-9][0-9]{0,3}$/.test(limit) || Number(limit) > 1000)
    throw new Failure('--limit is a number from 1 to 1000.', { code: 'invalid' })
  const wanted = Object.entries({ service, actor, action, kind, from, to, limit }).filter(
    ([, value]) => value !== undefined,
  )
  const query = new URLSearchParams(wanted as [string, string][])
  const answer = (await createClient(globals).call('GET', `/audit?${query}`)) as { items: Entry[] }
  const rows = answer.items.map((entry) => [
    entry.at,
    entry.actor,
    entry.action,
    entry.kind,
    nameOf(entry),
    entry.service ?? entry.serviceId ?? '-',
  ])
  print(
    globals,
    answer,
    rows.length === 0 ? 'Nothing fits.' : table(['WHEN', 'WHO', 'DID', 'TO A', 'WHAT', 'SERVICE'], rows),
  )
}

/** What a thing is called, as far as the entry says it: its id, where it does not. */
function nameOf({ objectId, before, after }: Entry): string {
  for (const one of [after, before])
    if (typeof one === 'object' && one !== null)
      for (const name of ['name', 'path'])
        if (name in one && typeof one[name as keyof typeof one] === 'string')
          return String(one[name as keyof typeof one])
  // What is named within something else, as an alert rule within its stage, goes by its own name.
  const own = objectId.slice(objectId.lastIndexOf('/') + 1)
  return own === '' ? '-' : own
}
