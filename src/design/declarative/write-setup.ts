import type { StageAlert } from '../../model/alert.ts'
import {
  type AlertFields,
  type DesignFields,
  type PathFields,
  type Schema,
  type ServiceFields,
  type SetupKind,
  type StageFields,
  setupKinds,
} from '../../model/declarative.ts'
import type { Method } from '../../model/method.ts'
import type { Policy } from '../../model/policy.ts'
import type { Service } from '../../model/service.ts'
import type { Stage } from '../../model/stage.ts'
import { overlayKey } from '../check-overlay.ts'
import type { Design } from '../design.ts'
import { ancestors } from '../paths.ts'
import { toAlertFields } from './plan-alert.ts'
import { tidy } from './tidy.ts'

/** A service with all that belongs to it. */
export interface WholeService {
  readonly service: Service
  readonly design: Design
  readonly policies: readonly Policy[]
  readonly stages: readonly Stage[]
  /** The alert rules of all stages. */
  readonly alerts: readonly StageAlert[]
}

/** A service as a document has it. */
export function toServiceFields({ service, design, policies, stages, alerts }: WholeService): ServiceFields {
  const ofStage = Map.groupBy(alerts, ({ stageId }) => stageId)
  return {
    ...service,
    design: toDesignFields(design),
    policies: Object.fromEntries(policies.map((policy) => [policy.name, policy])),
    stages: Object.fromEntries(
      stages.map((stage) => [
        stage.name,
        { ...toStageFields(stage), alerts: byAlertName(ofStage.get(stage.id) ?? []) },
      ]),
    ),
  }
}

function byAlertName(alerts: readonly StageAlert[]): Readonly<Record<string, AlertFields>> {
  return Object.fromEntries(alerts.map((alert) => [alert.name, toAlertFields(alert)]))
}

/** A stage as a document has it. */
export function toStageFields({ overlay, ...stage }: Stage): StageFields {
  return { ...stage, overlay: Object.fromEntries(overlay.map((node) => [overlayKey(node), node])) }
}

/** A design as a document has it. Paths that say nothing and that others imply are left out. */
export function toDesignFields({ resources, methods, models, gatewayResponses }: Design): DesignFields {
  const byResource = Map.groupBy(methods, ({ resourceId }) => resourceId)
  const implied = new Set(['/', ...resources.flatMap(({ path }) => ancestors(path))])
  const paths = resources.flatMap((resource): [string, PathFields][] => {
    const fields = { ...resource, methods: byVerb(byResource.get(resource.id) ?? []) }
    const isSilent = resource.description === '' && resource.plugins.length === 0 && !byResource.has(resource.id)
    return isSilent && implied.has(resource.path) ? [] : [[resource.path, fields]]
  })
  return {
    models: Object.fromEntries(models.map((model) => [model.name, model])),
    gatewayResponses,
    paths: Object.fromEntries(paths),
  }
}

function byVerb(methods: readonly Method[]): PathFields['methods'] {
  return Object.fromEntries(methods.map((method) => [method.verb, method]))
}

/** A document as it is written: all kinds in one order, without what is the default anyway. */
export function writeSetup(kinds: Readonly<Partial<Record<SetupKind, unknown>>>): unknown {
  const written = Object.entries(setupKinds).flatMap(([kind, schema]) => {
    const things = kinds[kind as SetupKind]
    return things === undefined ? [] : [[kind, tidy(things, schema as Schema)]]
  })
  return { turnpike: 1, ...Object.fromEntries(written) }
}
