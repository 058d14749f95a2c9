import type { Transaction } from '#bundles/kysely'
import type { Vault } from '../lib/vault.ts'
import { Alerts } from './alerts.ts'
import { Audit } from './audit.ts'
import { Canaries } from './canaries.ts'
import { Certificates } from './certificates.ts'
import { Deployments } from './deployments.ts'
import { Installation } from './installation.ts'
import { Keys } from './keys.ts'
import { ManagedCertificates } from './managed-certificates.ts'
import { Methods } from './methods.ts'
import { Models } from './models.ts'
import { Plans } from './plans.ts'
import { Policies } from './policies.ts'
import { Resources } from './resources.ts'
import { Revisions } from './revisions.ts'
import type { Tables } from './schema.ts'
import { Services } from './services.ts'
import { Stages } from './stages.ts'
import { Statistics } from './statistics.ts'
import { Tokens } from './tokens.ts'
import { Users } from './users.ts'

/** All that a use case does in the store, in one transaction, in the name of one actor. */
export interface Unit {
  readonly actor: string
  /** Protects the secrets among the settings of plugins. */
  readonly vault: Vault
  readonly services: Services
  readonly resources: Resources
  readonly methods: Methods
  readonly models: Models
  readonly policies: Policies
  readonly revisions: Revisions
  readonly stages: Stages
  readonly deployments: Deployments
  readonly canaries: Canaries
  readonly tokens: Tokens
  readonly users: Users
  readonly keys: Keys
  readonly plans: Plans
  readonly certificates: Certificates
  readonly managedCertificates: ManagedCertificates
  readonly statistics: Statistics
  readonly alerts: Alerts
  readonly installation: Installation
  readonly audit: Audit
}

export function createUnit(db: Transaction<Tables>, actor: string, vault: Vault): Unit {
  return {
    actor,
    vault,
    services: new Services(db),
    resources: new Resources(db),
    methods: new Methods(db),
    models: new Models(db),
    policies: new Policies(db),
    revisions: new Revisions(db),
    stages: new Stages(db),
    deployments: new Deployments(db),
    canaries: new Canaries(db),
    tokens: new Tokens(db),
    users: new Users(db),
    keys: new Keys(db),
    plans: new Plans(db),
    certificates: new Certificates(db),
    managedCertificates: new ManagedCertificates(db),
    statistics: new Statistics(db),
    alerts: new Alerts(db),
    installation: new Installation(db),
    audit: new Audit(db, actor),
  }
}
