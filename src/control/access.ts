import type { Grants, Role } from '../model/access.ts'

/** What an operation asks of its caller. `authenticated` is open to everybody who is known, whatever their role. */
export type Permission = 'public' | 'authenticated' | 'read' | 'write' | 'admin'

/** Who calls. */
export interface Actor extends Grants {
  /** Null for the CLI on this machine, and for tokens. */
  readonly userId: string | null
  readonly name: string
  /** Whether a browser sent the proof by itself, so that other sites could make it do so. */
  readonly isCookie: boolean
}

/** Who may do what: each role, by the permissions that it has. */
const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  editor: ['read', 'write'],
  admin: ['read', 'write', 'admin'],
}

/** Whether somebody may do something everywhere. */
export function mayEverywhere({ role }: Grants, permission: Permission): boolean {
  return permission === 'authenticated' || (role !== null && PERMISSIONS[role].includes(permission))
}

/** Whether somebody may do something to one service. Managing people is never a matter of one service. */
export function mayOnService(grants: Grants, permission: Permission, serviceId: string): boolean {
  if (mayEverywhere(grants, permission)) return true
  const role = grants.serviceRoles[serviceId]
  return permission !== 'admin' && role !== undefined && PERMISSIONS[role].includes(permission)
}

/** Whether somebody with `grants` may give `given` to another: nobody gives more than they have. */
export function mayGive(grants: Grants, given: Grants): boolean {
  const has = (role: Role | null | undefined, wanted: Role) =>
    role !== null &&
    role !== undefined &&
    PERMISSIONS[wanted].every((permission) => PERMISSIONS[role].includes(permission))
  if (given.role !== null && !has(grants.role, given.role)) return false
  return Object.entries(given.serviceRoles).every(
    ([serviceId, role]) => has(grants.role, role) || has(grants.serviceRoles[serviceId], role),
  )
}
