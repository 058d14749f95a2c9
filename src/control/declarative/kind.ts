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
}

/** A stage, by ids for the program and by names for people. */
export interface NamedStage {
  readonly serviceId: string
  readonly stageId: string
  readonly service: string
  readonly stage: string
}

/** What is to be done to the things of one kind. */
export interface KindPlan {
  readonly changes: readonly PlannedChange[]
  /** What is wrong; then nothing is to be done. */
  readonly problems: readonly Problem[]
  /** The stages to deploy when all is written. */
  readonly deployments: readonly NamedStage[]
  /** Writes what is new and what is different. */
  write(unit: Unit): Promise<void>
  /** Deletes what is to go. Returns the ids of the stages that are to be taken off the gateway. */
  remove(unit: Unit): Promise<readonly string[]>
}

/** How things of one kind are planned and exported. */
export interface Kind {
  plan(unit: Unit, setup: ReadSetup, options: PlanOptions): Promise<KindPlan>
  /** All of them as a document has them, by name; `services` are those to which the export is limited, null for all. */
  export(unit: Unit, services: readonly string[] | null): Promise<Readonly<Record<string, unknown>>>
}
