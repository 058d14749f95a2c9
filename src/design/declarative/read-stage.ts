import { keysOf, pointerTo } from '../../lib/json-pointer.ts'
import type { Vault } from '../../lib/vault.ts'
import type { StageFields } from '../../model/declarative.ts'
import type { Verb } from '../../model/method.ts'
import type { OverlayNode, Stage } from '../../model/stage.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { PolicyKeys } from '../../plugins/policies.ts'
import { checkOverlay } from '../check-overlay.ts'
import type { Design } from '../design.ts'

/** What reading a stage of a document needs beside it. */
export interface StageContext {
  readonly name: string
  readonly serviceId: string
  /** The stage that is there; null for a new one. */
  readonly before: Stage | null
  /** The nodes that its overlay may name. */
  readonly design: Design
  /** JSON Pointer of the stage in the document. */
  readonly pointer: string
  readonly vault: Vault
  /** The keys of the policies that the service is to have. */
  readonly policies: PolicyKeys
  /** ISO 8601, UTC. */
  readonly now: string
  newId(): string
}

/**
 * The stage that a document describes, and everything that is wrong with its overlay; the rest is for the use case to
 * check, which knows the other stages. Its alert rules are no part of it, and read by `readAlerts`.
 */
export function readStage(
  { overlay: nodes, alerts: _, ...fields }: StageFields,
  context: StageContext,
): { stage: Stage; problems: Problem[] } {
  const keys = Object.keys(nodes).sort()
  const given = keys.flatMap((key): OverlayNode[] => {
    const node = nodes[key]
    return node === undefined ? [] : [{ ...node, ...nodeOf(key) }]
  })
  const { overlay, problems } = checkOverlay(given, context.design, '', context.vault, context.policies)
  const stage = { ...(context.before ?? newStage(context)), ...fields, name: context.name, overlay }
  return { stage, problems: problems.map((problem) => inDocument(problem, keys, context.pointer)) }
}

/** A node of an overlay by its key. */
function nodeOf(key: string): Pick<OverlayNode, 'path' | 'verb'> {
  const space = key.indexOf(' ')
  // The schema lets nothing but a verb in before the space.
  return space === -1 || key.startsWith('/')
    ? { path: key, verb: null }
    : { path: key.slice(space + 1), verb: key.slice(0, space) as Verb }
}

/** A problem of the overlay as a list, at its place in the document, where the overlay is by node. */
function inDocument({ path, message }: Problem, keys: readonly string[], pointer: string): Problem {
  const [index = '', ...rest] = keysOf(path)
  const place = rest[0] === 'path' ? [] : rest
  return { path: pointer + pointerTo('overlay', keys[Number(index)] ?? '', ...place), message }
}

function newStage({ serviceId, now, newId }: StageContext) {
  return {
    id: newId(),
    serviceId,
    revisionId: null,
    deploymentId: null,
    baseDeploymentId: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}
