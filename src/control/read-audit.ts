import { Invalid, NotFound } from '../model/errors.ts'
import type { AuditQuery, AuditRecord } from '../store/audit.ts'
import type { Unit } from '../store/unit.ts'

/** A page of the audit log, the newest first. Throws `Invalid` for a cursor that is no entry. */
export async function readAudit(unit: Unit, query: AuditQuery): Promise<AuditRecord[]> {
  const entries = await unit.audit.list({ ...query, from: asKept(query.from), to: asKept(query.to) })
  if (entries !== null) return entries
  throw new Invalid('The audit log has no such page.', [
    { path: '/before', message: `"${query.before}" is not the id of an entry: take that of the last one of a page.` },
  ])
}

/** One entry of the audit log. Throws `NotFound`. */
export async function findAuditEntry(unit: Unit, id: string): Promise<AuditRecord> {
  const entry = await unit.audit.find(id)
  if (entry === null) throw new NotFound('audit entry', id)
  return entry
}

/** A moment as the log has it, whatever its zone: texts of that form are in the order of time. */
const asKept = (moment: string | undefined) => (moment === undefined ? undefined : new Date(moment).toISOString())
