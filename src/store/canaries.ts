import type { Transaction } from '#bundles/kysely'
import { type Canary, type CanaryTerms, termsOf } from '../model/canary.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'
import type { Tables } from './schema.ts'

/** Canaries, each of one stage. */
export class Canaries {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** The canary of a stage; null if none runs. */
  async find(stageId: string): Promise<Canary | null> {
    const row = await this.db
      .selectFrom('canaries')
      .innerJoin('deployments', 'deployments.id', 'canaries.deployment_id')
      .select([
        'deployments.number',
        'canaries.deployment_id',
        'canaries.share',
        'canaries.by',
        'canaries.name',
        'canaries.started_at',
      ])
      .where('canaries.stage_id', '=', stageId)
      .executeTakeFirst()
    return row === undefined ? null : toCanary(row)
  }

  async insert(stageId: string, { deploymentId, share, by, name, startedAt }: Canary): Promise<void> {
    await this.db
      .insertInto('canaries')
      .values({
        stage_id: stageId,
        deployment_id: deploymentId,
        share: Math.round(share * 100),
        by,
        name,
        started_at: startedAt,
      })
      .execute()
  }

  async setShare(stageId: string, share: number): Promise<void> {
    await this.db
      .updateTable('canaries')
      .set({ share: Math.round(share * 100) })
      .where('stage_id', '=', stageId)
      .execute()
  }

  async delete(stageId: string): Promise<void> {
    await this.db.deleteFrom('canaries').where('stage_id', '=', stageId).execute()
  }

  /** All that run, with their snapshots. */
  async running(): Promise<{ readonly snapshot: FrozenSnapshot; readonly terms: CanaryTerms }[]> {
    const rows = await this.db
      .selectFrom('canaries')
      .innerJoin('deployments', 'deployments.id', 'canaries.deployment_id')
      .innerJoin('snapshots', 'snapshots.hash', 'deployments.hash')
      .innerJoin('stages', 'stages.id', 'canaries.stage_id')
      .select([
        'deployments.number',
        'canaries.deployment_id',
        'canaries.share',
        'canaries.by',
        'canaries.name',
        'canaries.started_at',
      ])
      .select(['snapshots.hash', 'snapshots.json', 'stages.deployment_id as live_id'])
      .execute()
    return rows.map(({ hash, json, live_id, ...row }) => ({
      snapshot: { hash, json },
      terms: termsOf(toCanary(row), live_id ?? ''),
    }))
  }
}

interface CanaryRow {
  readonly number: number
  readonly deployment_id: string
  readonly share: number
  readonly by: string
  readonly name: string | null
  readonly started_at: string
}

function toCanary({ number, deployment_id, share, by, name, started_at }: CanaryRow): Canary {
  return {
    deployment: Number(number),
    deploymentId: deployment_id,
    share: share / 100,
    by: by as Canary['by'],
    name,
    startedAt: started_at,
  }
}
