import type { Transaction } from '#bundles/kysely'
import type { Activation, Deployment, DeploymentSettings } from '../model/deployment.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'
import { inBatches } from './batches.ts'
import { fromDeployment, toDeployment } from './rows.ts'
import type { Tables } from './schema.ts'

/** All but the settings, which can be large. */
const COLUMNS = [
  'id',
  'stage_id',
  'number',
  'hash',
  'note',
  'author',
  'status',
  'failure',
  'revision_id',
  'created_at',
] as const

/** Deployments and their snapshots. A snapshot is kept once, however often it is deployed. */
export class Deployments {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** At most `limit` deployments of a stage, the newest first, numbered below `before`. */
  async ofStage(stageId: string, before: number, limit: number): Promise<Deployment[]> {
    const rows = await this.db
      .selectFrom('deployments')
      .select(COLUMNS)
      .where('stage_id', '=', stageId)
      .where('number', '<', before)
      .orderBy('number', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toDeployment)
  }

  async findByNumber(stageId: string, number: number): Promise<Deployment | null> {
    const row = await this.db
      .selectFrom('deployments')
      .select(COLUMNS)
      .where('stage_id', '=', stageId)
      .where('number', '=', number)
      .executeTakeFirst()
    return row === undefined ? null : toDeployment(row)
  }

  /** The numbers of the latest deployments of a stage with these hashes. */
  async numbersOf(stageId: string, hashes: readonly string[]): Promise<Map<string, number>> {
    const numbers = new Map<string, number>()
    await inBatches(hashes, async (some) => {
      const rows = await this.db
        .selectFrom('deployments')
        .select(['hash', 'number'])
        .where('stage_id', '=', stageId)
        .where('hash', 'in', some)
        .orderBy('number')
        .execute()
      for (const { hash, number } of rows) numbers.set(hash, number)
    })
    return numbers
  }

  async find(id: string): Promise<Deployment | null> {
    const row = await this.db.selectFrom('deployments').select(COLUMNS).where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toDeployment(row)
  }

  /** What of the stage a deployment was made of; null for one that an older version made. */
  async settings(id: string): Promise<DeploymentSettings | null> {
    const row = await this.db.selectFrom('deployments').select('settings').where('id', '=', id).executeTakeFirst()
    return row === undefined || row.settings === null ? null : (JSON.parse(row.settings) as DeploymentSettings)
  }

  /** The ids of a stage's deployments beyond the newest `count`. */
  async olderThan(stageId: string, count: number): Promise<string[]> {
    const rows = await this.db
      .selectFrom('deployments')
      .select('id')
      .where('stage_id', '=', stageId)
      .orderBy('number', 'desc')
      .offset(count)
      .limit(1_000)
      .execute()
    return rows.map(({ id }) => id)
  }

  async delete(ids: readonly string[]): Promise<void> {
    await inBatches(ids, (some) => this.db.deleteFrom('deployments').where('id', 'in', some).execute())
  }

  /** The highest number of a stage, 0 if it has no deployment. */
  async lastNumber(stageId: string): Promise<number> {
    const row = await this.db
      .selectFrom('deployments')
      .select((builder) => builder.fn.max('number').as('last'))
      .where('stage_id', '=', stageId)
      .executeTakeFirst()
    return Number(row?.last ?? 0)
  }

  async snapshot(hash: string): Promise<string | null> {
    const row = await this.db.selectFrom('snapshots').select('json').where('hash', '=', hash).executeTakeFirst()
    return row?.json ?? null
  }

  async insert(deployment: Deployment, { hash, json }: FrozenSnapshot, settings: DeploymentSettings): Promise<void> {
    await this.db
      .insertInto('snapshots')
      .values({ hash, json })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute()
    await this.db
      .insertInto('deployments')
      .values({ ...fromDeployment(deployment), settings: JSON.stringify(settings) })
      .execute()
  }

  async update(deployment: Deployment): Promise<void> {
    await this.db.updateTable('deployments').set(fromDeployment(deployment)).where('id', '=', deployment.id).execute()
  }

  /** How a deployment stands on the nodes, by their names. */
  async activations(id: string): Promise<Activation[]> {
    const rows = await this.db
      .selectFrom('activations')
      .selectAll()
      .where('deployment_id', '=', id)
      .orderBy('node_name')
      .orderBy('node_id')
      .execute()
    return rows.map(({ node_id, node_name, state, failure, at }) => ({
      nodeId: node_id,
      nodeName: node_name,
      state: state as Activation['state'],
      failure,
      at,
    }))
  }

  /** Notes how a deployment stands on a node. */
  async setActivation(id: string, { nodeId, nodeName, state, failure, at }: Activation): Promise<void> {
    const values = { node_name: nodeName, state, failure, at }
    await this.db
      .insertInto('activations')
      .values({ deployment_id: id, node_id: nodeId, ...values })
      .onConflict((conflict) => conflict.columns(['deployment_id', 'node_id']).doUpdateSet(values))
      .execute()
  }

  /** Marks what was under way on a node when its program ended. What is under way on others goes on. */
  async failUnfinished(nodeId: string, failure: string): Promise<void> {
    const pending = this.db
      .selectFrom('activations')
      .select('deployment_id')
      .where('node_id', '=', nodeId)
      .where('state', '=', 'pending')
    await this.db
      .updateTable('deployments')
      .set({ status: 'failed', failure })
      .where('status', '=', 'deploying')
      .where('id', 'in', pending)
      .execute()
    await this.db
      .updateTable('activations')
      .set({ state: 'failed', failure })
      .where('node_id', '=', nodeId)
      .where('state', '=', 'pending')
      .execute()
  }

  /** Drops snapshots that no deployment names any more. */
  async dropUnusedSnapshots(): Promise<void> {
    await this.db
      .deleteFrom('snapshots')
      .where('hash', 'not in', (builder) => builder.selectFrom('deployments').select('hash'))
      .execute()
  }

  /** The snapshots of all live deployments. */
  async live(): Promise<FrozenSnapshot[]> {
    return this.db
      .selectFrom('stages')
      .innerJoin('deployments', 'deployments.id', 'stages.deployment_id')
      .innerJoin('snapshots', 'snapshots.hash', 'deployments.hash')
      .select(['snapshots.hash', 'snapshots.json'])
      .execute()
  }
}
