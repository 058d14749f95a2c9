/** What the audit log tells of: kinds of things, each with what can be done to it. These are the words that the log is filtered by. */

/** Services, and what belongs to one. */
export const actionsOfServices = {
  alert: ['create', 'update', 'delete'],
  deployment: ['delete'],
  'gateway-responses': ['update'],
  method: ['create', 'update', 'delete'],
  methods: ['move', 'delete'],
  model: ['create', 'update', 'delete'],
  policy: ['create', 'update', 'delete'],
  'policy-value': ['create', 'update', 'delete'],
  resource: ['create', 'update', 'delete', 'clone', 'clear-overrides'],
  service: ['create', 'update', 'delete', 'copy', 'import'],
  stage: [
    'create',
    'update',
    'delete',
    'apply',
    'deploy',
    'roll-back',
    'restore',
    'clear-overrides',
    'start-canary',
    'update-canary',
    'promote-canary',
    'abort-canary',
  ],
} as const

/** What belongs to no service, though a change of it may be about one. */
export const actionsOfInstallation = {
  certificate: ['create', 'update', 'renew', 'delete'],
  key: ['create', 'update', 'regenerate', 'import', 'subscribe', 'move', 'unsubscribe', 'delete'],
  'managed certificate': ['create', 'delete'],
  plan: ['create', 'update', 'connect', 'disconnect', 'delete'],
  token: ['create', 'delete'],
  user: ['create', 'update', 'log-in', 'log-out', 'change-password', 'reset-password', 'delete'],
} as const

/** Everything that the log can tell. */
export const auditedActions = { ...actionsOfServices, ...actionsOfInstallation } as const

/** A kind of things, and something that can be done to it. */
export type ActionOn<Actions extends Readonly<Record<string, readonly string[]>>> = {
  [Kind in keyof Actions]: { readonly kind: Kind; readonly action: Actions[Kind][number] }
}[keyof Actions]
