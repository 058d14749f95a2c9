import { hashPassword, verifyPassword } from '../lib/passwords.ts'
import type { Grants, User } from '../model/access.ts'
import { Conflict, Forbidden, Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { Unit } from '../store/unit.ts'
import type { UnitRunner } from './context.ts'
import type { LoginThrottle } from './login-throttle.ts'
import { findServiceRoles } from './service-roles.ts'
import { beginSession, type NewSession } from './sessions.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** Adds a user. Hashing takes its time, so it is done before the transaction: `password` is the hash. */
export async function createUser(
  unit: Unit,
  { name, role = null, serviceRoles: given = {} }: Pick<User, 'name'> & Partial<Grants>,
  password: string,
): Promise<User> {
  if (RESERVED.has(name))
    throw new Invalid('The user cannot be created.', [
      { path: '/name', message: `"${name}" stands for the program itself in the audit log: choose another name.` },
    ])
  if ((await unit.users.findForLogin(name)) !== null)
    throw new Conflict(`There is already a user "${name}": choose another name.`)
  const serviceRoles = await findServiceRoles(unit, given)
  const now = new Date().toISOString()
  const user: User = { id: newId(), name, role, serviceRoles, version: 1, createdAt: now, updatedAt: now }
  await unit.users.insert(user, password)
  await unit.audit.record({ action: 'create', kind: 'user', id: user.id, before: null, after: user })
  return user
}

/** Names of actors that are not users; see `Actor`. */
const RESERVED = new Set(['system', 'local', 'anonymous'])

/** Throws `Conflict` if there is a user already. */
export async function assertNoUser(unit: Unit): Promise<void> {
  if (await unit.users.exist()) throw new Conflict('Turnpike has been set up already: log in.')
}

/** Makes the first user, an admin. Throws `Conflict` if there is a user already. */
export async function createFirstUser(unit: Unit, name: string, password: string): Promise<User> {
  await assertNoUser(unit)
  return createUser(unit, { name, role: 'admin' }, password)
}

/** Changes what a user may do. The last admin stays one. */
export async function updateUser(
  unit: Unit,
  id: string,
  changes: Partial<Grants>,
  expected: ExpectedVersion,
): Promise<User> {
  const before = await findUser(unit, id)
  assertVersion(before, expected)
  const serviceRoles =
    changes.serviceRoles === undefined ? before.serviceRoles : await findServiceRoles(unit, changes.serviceRoles)
  const after = {
    ...before,
    ...changes,
    serviceRoles,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  }
  if (after.role !== 'admin') await assertNotLastAdmin(unit, before)
  await unit.users.update(after)
  await unit.audit.record({ action: 'update', kind: 'user', id, before, after })
  return after
}

/** Deletes a user and ends all sessions. The last admin cannot be deleted. */
export async function deleteUser(unit: Unit, id: string, expected: ExpectedVersion): Promise<void> {
  const before = await findUser(unit, id)
  assertVersion(before, expected)
  await assertNotLastAdmin(unit, before)
  await unit.users.delete(id)
  await unit.audit.record({ action: 'delete', kind: 'user', id, before, after: null })
}

/** Sets a user's password, by an admin; `password` is the hash. All sessions end. */
export async function resetPassword(unit: Unit, id: string, password: string): Promise<void> {
  await findUser(unit, id)
  await unit.users.setPassword(id, password)
  await unit.audit.record({ action: 'reset-password', kind: 'user', id, before: null, after: null })
}

/**
 * Changes one's own password and ends all sessions, but for a new one where `goesOn`. Throws `Forbidden` if the current
 * password is wrong, and `TooManyAttempts`.
 */
export async function changePassword(
  runner: UnitRunner,
  throttle: LoginThrottle,
  userId: string,
  { current, next, address, goesOn }: { current: string; next: string; address: string; goesOn: boolean },
): Promise<NewSession | null> {
  const { user, password } = await runner.inTransaction('system', async (unit) => ({
    user: await findUser(unit, userId),
    password: await unit.users.passwordOf(userId),
  }))
  // Hashing takes its time, so it is done outside of transactions.
  const isRight = () => verifyPassword(current, password)
  if (!(await throttle.attempt({ name: user.name, address }, isRight))) throw wrongPassword()
  const hash = await hashPassword(next)
  return runner.inTransaction(user.name, async (unit) => {
    // Meanwhile an admin may have set another one, to keep out whoever knows this one.
    if ((await unit.users.passwordOf(userId)) !== password) throw wrongPassword()
    await unit.users.setPassword(userId, hash)
    await unit.audit.record({ action: 'change-password', kind: 'user', id: userId, before: null, after: null })
    return goesOn ? beginSession(unit, user) : null
  })
}

const wrongPassword = () => new Forbidden('The current password is wrong.')

/** One user. Throws `NotFound`. */
export async function findUser(unit: Unit, id: string): Promise<User> {
  const user = await unit.users.find(id)
  if (user === null) throw new NotFound('user', id)
  return user
}

async function assertNotLastAdmin(unit: Unit, user: User): Promise<void> {
  if (user.role !== 'admin') return
  const others = (await unit.users.list()).filter(({ id, role }) => id !== user.id && role === 'admin')
  if (others.length === 0) throw new Conflict(`"${user.name}" is the last admin: make somebody else one first.`)
}
