import { type Static, Type } from '#bundles/typebox'
import { Id } from './id.ts'
import { deployedFields, Stage } from './stage.ts'

export const DeploymentStatus = Type.Enum(['deploying', 'complete', 'failed'], {
  title: 'Status',
  description: 'deploying, complete or failed.',
})

/** One immutable, content-addressed snapshot of a stage. The snapshot itself is fetched apart: it can be large. */
export const Deployment = Type.Object({
  id: Id,
  stageId: Id,
  number: Type.Integer({ title: 'Number', description: '1, 2, 3 … within the stage.' }),
  hash: Type.String({ title: 'Hash', description: 'SHA-256 of the canonical snapshot, in hexadecimal.' }),
  note: Type.String({ title: 'Note', description: 'Why it was deployed.', maxLength: 2000, default: '' }),
  author: Type.String({ title: 'Author', description: 'Who deployed it.' }),
  status: DeploymentStatus,
  revisionId: Type.Union([Id, Type.Null()], {
    title: 'Revision',
    description: 'The revision of the design that it was made of.',
  }),
  failure: Type.Union([Type.String(), Type.Null()], {
    title: 'Failure',
    description: 'Why it failed, and on which node; null otherwise.',
  }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
})
export type Deployment = Static<typeof Deployment>

/** How a deployment stands on one node. */
export const Activation = Type.Object({
  nodeId: Type.String({ description: 'Of the node, which lasts.' }),
  nodeName: Type.String({ description: 'Of the node: `--node-name`.' }),
  state: Type.Enum(['pending', 'active', 'failed']),
  failure: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed there; null otherwise.' }),
  at: Type.String({ description: 'Since when, ISO 8601, UTC.' }),
})
export type Activation = Static<typeof Activation>

/** What of a stage a deployment was made of, beside the design: what restoring it puts back. */
export const DeploymentSettings = Type.Pick(Stage, [...deployedFields])
export type DeploymentSettings = Static<typeof DeploymentSettings>
