import { Invalid, NotFound } from '../model/errors.ts'
import type { AuditQuery, AuditRecord } from '../store/audit.ts'
import type { Unit } from '../store/unit.ts'

/** An entry of the log, as it is told. */
export interface AuditEntry extends AuditRecord {
  /** The name of the service that it is about; null where it is gone, or there is none. */
  readonly service: string | null
}

/** A page of the audit log, the newest first. Throws `Invalid` for a cursor that is no entry. */
export async function readAudit(
  unit: Unit,
  { service, ...query }: Omit<AuditQuery, 'serviceId'> & { readonly service?: string | undefined },
): Promise<AuditEntry[]> {
  const serviceId = service === undefined ? undefined : await idOf(unit, service)
  const entries = await unit.audit.list({ ...query, serviceId, from: asKept(query.from), to: asKept(query.to) })
  if (entries !== null) return withServices(unit, entries)
  throw new Invalid('The audit log has no such page.', [
    { path: '/before', message: `"${query.before}" is not the id of an entry: take that of the last one of a page.` },
  ])
}

/** One entry of the audit log. Throws `NotFound`. */
export async function findAuditEntry(unit: Unit, id: string): Promise<AuditEntry> {
  const entry = await unit.audit.find(id)
  if (entry === null) throw new NotFound('audit entry', id)
  return { ...entry, service: null, ...(await withServices(unit, [entry]))[0] }
}

/** The id of a service. One that is gone is named by its id. */
async function idOf(unit: Unit, idOrName: string): Promise<string> {
  return (await unit.services.findByName(idOrName))?.id ?? idOrName
}

async function withServices(unit: Unit, entries: readonly AuditRecord[]): Promise<AuditEntry[]> {
  const ids = new Set(entries.flatMap(({ serviceId }) => serviceId ?? []))
  const names = new Map((await unit.services.all([...ids])).map(({ id, name }) => [id, name]))
  return entries.map((entry) => ({ ...entry, service: names.get(entry.serviceId ?? '') ?? null }))
}

/** A moment as the log has it, whatever its zone: texts of that form are in the order of time. */
const asKept = (moment: string | undefined) => (moment === undefined ? undefined : new Date(moment).toISOString())
