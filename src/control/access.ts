import { type Grants, type Role, roles } from '../model/access.ts'
import { Forbidden } from '../model/errors.ts'

/** What an operation asks of its caller. `authenticated` is open to everybody who is known, whatever their role. */
export const permissions = ['public', 'authenticated', 'read', 'write', 'admin'] as const
export type Permission = (typeof permissions)[number]

/** Who calls. */
export interface Actor extends Grants {
  /** Null for the CLI on this machine, and for tokens that belong to nobody. */
  readonly userId: string | null
  /** The token that was shown, if one of the store was. */
  readonly tokenId: string | null
  /** When the proof that was shown expires, where it is a token of the store that does; ISO 8601. */
  readonly expiresAt: string | null
  /** Of the user; `local` for the CLI on this machine; `token:NAME`, which no user can be called, for a token that belongs to nobody. */
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

/** Those that are a matter of roles or of being known: all but `public`. */
const asked = permissions.filter((permission) => permission !== 'public')

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

/** Whether somebody may do something to at least one service. */
export function mayOnSome(grants: Grants, permission: Permission): boolean {
  return Object.keys(grants.serviceRoles).some((serviceId) => mayOnService(grants, permission, serviceId))
}

/** All that somebody may do: everywhere, and more than that on single services, by their ids. */
export function permissionsOf(grants: Grants): {
  everywhere: Permission[]
  onServices: Record<string, Permission[]>
} {
  const everywhere = asked.filter((permission) => mayEverywhere(grants, permission))
  const onServices = Object.keys(grants.serviceRoles).map((id): [string, Permission[]] => [
    id,
    asked.filter((permission) => !everywhere.includes(permission) && mayOnService(grants, permission, id)),
  ])
  return { everywhere, onServices: Object.fromEntries(onServices.filter(([, more]) => more.length > 0)) }
}

/** The ids of the services that somebody may see; null for all. */
export function visibleServices(grants: Grants): string[] | null {
  return mayEverywhere(grants, 'read') ? null : Object.keys(grants.serviceRoles)
}

/** Throws `Forbidden` unless somebody may do something to a service; null stands for one that is yet to be made. */
export function assertMay(grants: Grants, permission: Permission, serviceId: string | null): void {
  if (serviceId === null ? mayEverywhere(grants, permission) : mayOnService(grants, permission, serviceId)) return
  // The same for one that is there and one that is not: names of services are not for everybody.
  throw new Forbidden(
    `This takes the permission "${permission}" on the service, or everywhere to make a new one, and you do not have it: ask an admin.`,
  )
}

/** What is left of the rights of a token when its owner has these: never more than the owner's own. */
export function boundedBy(given: Grants, owner: Grants): Grants {
  const onService = (grants: Grants, id: string) => higher(grants.role, grants.serviceRoles[id] ?? null)
  const services = new Set([...Object.keys(given.serviceRoles), ...Object.keys(owner.serviceRoles)])
  const bounded = [...services].flatMap((id): [string, Role][] => {
    const role = lower(onService(given, id), onService(owner, id))
    return role === null ? [] : [[id, role]]
  })
  return { role: lower(given.role, owner.role), serviceRoles: Object.fromEntries(bounded) }
}

function rank(role: Role | null): number {
  return role === null ? -1 : roles.indexOf(role)
}

function lower(a: Role | null, b: Role | null): Role | null {
  return rank(a) < rank(b) ? a : b
}

function higher(a: Role | null, b: Role | null): Role | null {
  return rank(a) > rank(b) ? a : b
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
