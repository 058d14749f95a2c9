import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import type { ReadSetup } from '../../design/declarative/read-setup.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { Unit } from '../../store/unit.ts'

/** What is asked of a plan beside the document. */
export interface PlanOptions {
  /** Whether what the document does not have is deleted. */
  readonly prune: boolean
  /** Whether stages whose content changes are deployed. */
  readonly deploy: boolean
  /** Domain below which stages get their host names. */
  readonly baseDomain: string
  /** How many keys the data plane has room for. */
  readonly keyCapacity: number
}

/** A stage, by ids for the program and by names for people. */
export interface NamedStage {
  readonly serviceId: string
  readonly stageId: string
  readonly service: string
  readonly stage: string
}

/** What there will be once the kinds before are written: what things of the later ones may name. */
export interface Outlook {
  /** Ids of stages by `SERVICE/STAGE`. Those with which something is wrong are there too: that is told where they stand. */
  readonly stages: ReadonlyMap<string, string>
  /** The stages that are deleted. */
  readonly goneStages: readonly NamedStage[]
  /** Usage plans by name. */
  readonly plans: ReadonlyMap<string, PlanOutlook>
}

/** A usage plan as it will be. */
export interface PlanOutlook {
  readonly id: string
  /** Its stages, as `SERVICE/STAGE`; null where something is wrong with it, which is told where it stands. */
  readonly stages: ReadonlySet<string> | null
}

/** What the data plane is to be told of when all is written, by id. */
export interface Touched {
  readonly plans: readonly string[]
  readonly gonePlans: readonly string[]
  readonly keys: readonly string[]
  /** Those that are gone, too. */
  readonly certificates: readonly string[]
}

/** What is to be done to the things of one kind. */
export interface KindPlan {
  readonly changes: readonly PlannedChange[]
  /** What is wrong; then nothing is to be done. */
  readonly problems: readonly Problem[]
  /** The stages to deploy when all is written. */
  readonly deployments?: readonly NamedStage[]
  readonly outlook?: Partial<Outlook>
  readonly touched?: Partial<Touched>
  /** What belongs to what is planned though no change tells it, as the fingerprint covers it: digests. */
  readonly untold?: readonly string[]
  /** Writes what is new and what is different. */
  write(unit: Unit): Promise<void>
  /** Deletes what is to go. Returns the ids of the stages that are to be taken off the gateway. */
  remove(unit: Unit): Promise<readonly string[]>
}

/** How things of one kind are planned and exported. */
export interface Kind {
  plan(unit: Unit, setup: ReadSetup, options: PlanOptions, outlook: Outlook): Promise<KindPlan>
  /**
   * All of them as a document has them, by name; `services` are those to which the export is limited, null for all. Null where
   * they are not in the export at all.
   */
  export(unit: Unit, services: readonly string[] | null): Promise<Readonly<Record<string, unknown>> | null>
}
