import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { Id } from './id.ts'

/** What somebody may do, each including those before it. */
export const roles = ['viewer', 'editor', 'admin'] as const
export const Role = Type.Enum(roles, {
  title: 'Role',
  description: 'viewer reads, editor also changes and deploys, admin also manages people, tokens and the audit log.',
})
export type Role = Static<typeof Role>

const grants = {
  role: Type.Union([Role, Type.Null()], {
    title: 'Role everywhere',
    description: 'null: only on the services that are named.',
    default: null,
  }),
  serviceRoles: Type.Record(Type.String(), Role, {
    title: 'Roles on single services',
    description: 'By id of the service; the higher of this and the role everywhere holds.',
    default: {},
  }),
}

/** Where somebody may do what. */
export const Grants = Type.Object(grants)
export type Grants = Static<typeof Grants>

const UserName = Type.String({
  title: 'Name',
  description: 'What one logs in with: lower-case letters, digits, and . _ - @ +',
  pattern: '^[a-z0-9][a-z0-9._@+-]{0,99}$',
  [EXPECTED]: 'up to 100 lower-case letters, digits and . _ - @ +, the first a letter or a digit',
  examples: ['ada@example.com'],
})

/** A long one is worth more than a strange one (NIST SP 800-63B). */
export const Password = Type.String({
  title: 'Password',
  description: 'At least 10 characters.',
  minLength: 10,
  maxLength: 256,
})

/** Somebody who logs in. */
export const User = Type.Object({
  id: Id,
  name: UserName,
  ...grants,
  version: Type.Integer({ title: 'Version', description: 'Goes up by one with each change; the ETag.' }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
  updatedAt: Type.String({ title: 'Updated', description: 'ISO 8601, UTC.' }),
})
export type User = Static<typeof User>

/** A token of the management API, without its value: that is shown once, when it is made. */
export const ApiToken = Type.Object({
  id: Id,
  name: Type.String({
    title: 'Name',
    description: 'What it is for; no control characters.',
    minLength: 1,
    maxLength: 100,
    pattern: '^[^\\p{Cc}]*$',
    [EXPECTED]: 'a text without control characters',
    examples: ['ci'],
  }),
  ...grants,
  userId: Type.Union([Id, Type.Null()], {
    title: 'Owner',
    description: 'The user who made it, whose rights bound those of the token; null for one that belongs to nobody.',
  }),
  expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    title: 'Expires',
    description: 'ISO 8601; null for never.',
    default: null,
  }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
})
export type ApiToken = Static<typeof ApiToken>
