import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { createService } from '../../src/control/create-service.ts'
import { createStage } from '../../src/control/create-stage.ts'
import { createKey, deleteKey, regenerateKey, updateKey } from '../../src/control/keys.ts'
import { LiveKeys } from '../../src/control/live-keys.ts'
import { connectPlan, createPlan, deletePlan, disconnectPlan, updatePlan } from '../../src/control/plans.ts'
import { subscribe, unsubscribe } from '../../src/control/subscriptions.ts'
import { Admission } from '../../src/gateway/keys/admission.ts'
import { KeyRegistry } from '../../src/gateway/keys/key-registry.ts'
import { createVault } from '../../src/lib/vault.ts'
import { Conflict, NotFound } from '../../src/model/errors.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import type { Unit } from '../../src/store/unit.ts'
import { temporaryFolder } from '../support/turnpike.ts'

/**
 * Keys, plans and subscriptions against a model of a few lines: whatever is done, in whatever order, each key may exactly what the
 * model says, at once and after a restart.
 */

const KEYS = ['a', 'b', 'c']
const PLANS = ['p', 'q']
const STAGES = ['live', 'test']
const AT = Date.UTC(2026, 10, 24, 12)
const vault = createVault(Buffer.alloc(32, 7))

let store: Store
before(async () => {
  const logger = { info: () => undefined, warn: () => undefined }
  store = await openStore({ folder: temporaryFolder(), url: '', vault, logger })
})
after(() => store.close())

interface ModelKey {
  primary: string
  secondary: string
  active: boolean
  /** The plan of each stage. */
  readonly plans: Map<string, string>
}
interface ModelPlan {
  quota: number | null
  readonly stages: Set<string>
}

/** What there is, and what was used: by key, stage and plan. */
class Model {
  readonly keys = new Map<string, ModelKey>()
  readonly plans = new Map<string, ModelPlan>()
  readonly used = new Map<string, number>()

  /** What a request with a value gets. */
  call(value: string, stage: string): string {
    const found = [...this.keys].find(([, key]) => key.primary === value || key.secondary === value)
    if (found === undefined) return 'unknown'
    const [name, key] = found
    if (!key.active) return 'inactive'
    const plan = key.plans.get(stage)
    if (plan === undefined) return 'not-subscribed'
    const quota = this.plans.get(plan)?.quota ?? null
    if (quota === null) return 'passes'
    const place = `${name} ${stage} ${plan}`
    const used = this.used.get(place) ?? 0
    if (used >= quota) return 'quota-exceeded'
    this.used.set(place, used + 1)
    return 'passes'
  }

  forget(where: (place: string) => boolean): void {
    for (const place of [...this.used.keys()]) if (where(place)) this.used.delete(place)
  }
}

/** The real thing: store, table, and one worker. */
async function startReal(service: string) {
  const workers: Admission[] = []
  const registry = new KeyRegistry({
    maxKeys: 100,
    digest: vault.digest,
    now: () => AT,
    async tell(news) {
      for (const worker of workers)
        if ('set' in news) worker.setPlan(news.set)
        else worker.dropPlan(news.drop)
    },
  })
  const live = new LiveKeys(store, registry, { warn: (message) => assert.fail(message) })
  await live.load()
  const worker = new Admission({ memory: registry.memory, digest: vault.digest, now: () => AT })
  for (const plan of registry.planValues) worker.setPlan(plan)
  workers.push(worker)
  const stages = await store.inTransaction('test', async (unit) => unit.stages.ofService(service))
  const numbers = new Map(stages.map(({ id, name }) => [name, registry.stageNumber(id)]))
  return { live, admit: (value: string, stage: string) => worker.admit(vault.digest(value), numbers.get(stage) ?? 0) }
}

const key = fc.constantFrom(...KEYS)
const plan = fc.constantFrom(...PLANS)
const stage = fc.constantFrom(...STAGES)
const step = fc.oneof(
  fc.record({ do: fc.constant('create-key' as const), key }),
  fc.record({ do: fc.constant('delete-key' as const), key }),
  fc.record({ do: fc.constant('activate' as const), key, active: fc.boolean() }),
  fc.record({
    do: fc.constant('regenerate' as const),
    key,
    which: fc.constantFrom('primary' as const, 'secondary' as const),
  }),
  fc.record({ do: fc.constant('create-plan' as const), plan }),
  fc.record({ do: fc.constant('delete-plan' as const), plan }),
  fc.record({ do: fc.constant('quota' as const), plan, quota: fc.option(fc.integer({ min: 1, max: 6 })) }),
  fc.record({ do: fc.constant('connect' as const), plan, stage }),
  fc.record({ do: fc.constant('disconnect' as const), plan, stage }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), key, stage, plan }) },
  fc.record({ do: fc.constant('unsubscribe' as const), key, stage }),
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('call' as const), key, stage, count: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.record({ do: fc.constant('restart' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

let runs = 0

test('each key may what it should, at once, whatever was done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const run = ++runs
      const name = `s${run}`
      const service = await store.inTransaction('test', async (unit) => {
        const { id } = await createService(unit, { name })
        for (const stage of STAGES) await createStage(unit, name, { name: stage })
        return id
      })
      const model = new Model()
      let real = await startReal(service)
      let made = 0
      const keyName = (key: string) => `${key}-${run}`
      const planName = (plan: string) => `${plan}-${run}`
      const at = (stage: string) => ({ service: name, stage })

      /** Does a step in the store and in the model; null where it may not be done. */
      const perform = async (unit: Unit, step: Step): Promise<{ keys?: string[]; plans?: string[] } | null> => {
        switch (step.do) {
          case 'create-key': {
            const [primary, secondary] = [`value-${run}-${++made}-one`, `value-${run}-${made}-two`]
            const { key } = await createKey(unit, { name: keyName(step.key), primary, secondary }, 100)
            model.keys.set(step.key, { primary, secondary, active: true, plans: new Map() })
            return { keys: [key.id] }
          }
          case 'delete-key': {
            const { id } = await deleteKey(unit, keyName(step.key), null)
            model.keys.delete(step.key)
            model.forget((place) => place.startsWith(`${step.key} `))
            return { keys: [id] }
          }
          case 'activate': {
            const { id } = await updateKey(unit, keyName(step.key), { active: step.active }, null)
            const known = model.keys.get(step.key)
            if (known) known.active = step.active
            return { keys: [id] }
          }
          case 'regenerate': {
            const value = `value-${run}-${++made}-new`
            const { key } = await regenerateKey(unit, keyName(step.key), { which: step.which, value }, null)
            const known = model.keys.get(step.key)
            if (known) known[step.which] = value
            return { keys: [key.id] }
          }
          case 'create-plan': {
            const { id } = await createPlan(unit, { name: planName(step.plan) })
            model.plans.set(step.plan, { quota: null, stages: new Set() })
            return { plans: [id] }
          }
          case 'delete-plan': {
            const { id } = await deletePlan(unit, planName(step.plan), null)
            model.plans.delete(step.plan)
            model.forget((place) => place.endsWith(` ${step.plan}`))
            return { plans: [id] }
          }
          case 'quota': {
            const quota = step.quota === null ? null : { requests: step.quota, per: 'month' as const }
            const { id } = await updatePlan(unit, planName(step.plan), { quota }, null)
            const known = model.plans.get(step.plan)
            if (known) known.quota = step.quota
            if (step.quota === null) model.forget((place) => place.endsWith(` ${step.plan}`))
            return { plans: [id] }
          }
          case 'connect':
            await connectPlan(unit, planName(step.plan), at(step.stage))
            model.plans.get(step.plan)?.stages.add(step.stage)
            return {}
          case 'disconnect':
            await disconnectPlan(unit, planName(step.plan), at(step.stage))
            model.plans.get(step.plan)?.stages.delete(step.stage)
            return {}
          case 'subscribe': {
            const { key } = await subscribe(unit, keyName(step.key), at(step.stage), planName(step.plan))
            assert.ok(model.plans.get(step.plan)?.stages.has(step.stage))
            model.keys.get(step.key)?.plans.set(step.stage, step.plan)
            return { keys: [key.id] }
          }
          case 'unsubscribe': {
            const { id } = await unsubscribe(unit, keyName(step.key), at(step.stage))
            model.keys.get(step.key)?.plans.delete(step.stage)
            return { keys: [id] }
          }
          default:
            return null
        }
      }

      for (const step of steps) {
        if (step.do === 'restart') {
          await real.live.stop()
          real = await startReal(service)
        } else if (step.do === 'call') {
          const values = model.keys.get(step.key)
          for (let i = 0; i < step.count; i++) {
            const value = (i % 2 === 0 ? values?.primary : values?.secondary) ?? 'value-of-nobody'
            assert.equal(real.admit(value, step.stage).refusal ?? 'passes', model.call(value, step.stage))
          }
        } else {
          // What may not be done changes nothing: the model is asked only behind what was done.
          const done = await store
            .inTransaction('test', (unit) => perform(unit, step))
            .catch((error: unknown) => {
              if (error instanceof Conflict || error instanceof NotFound) return null
              throw error
            })
          await real.live.refreshPlans(done?.plans ?? [])
          await real.live.refreshKeys(done?.keys ?? [])
        }
        // What is in use is still there.
        for (const { plans } of model.keys.values())
          for (const [stage, plan] of plans) assert.ok(model.plans.get(plan)?.stages.has(stage))
      }
      await real.live.stop()
    }),
    { numRuns: 60 },
  )
})
