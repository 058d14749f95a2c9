import type { GatewayResponses } from '../../model/gateway-response.ts'
import type { ImportNote } from '../../model/import.ts'
import type { Method } from '../../model/method.ts'
import type { Model } from '../../model/model.ts'

/** What a document says, in the words of a design. It is plain data, so that it can be read in another thread. */

export interface ImportedMethod extends Omit<Method, 'id' | 'resourceId' | 'backend' | 'plugins'> {
  /** Null: the document says nothing of it. */
  readonly backend: Method['backend'] | null
  /** As they stand, still to be checked; null: the document says nothing of them. */
  readonly plugins: readonly unknown[] | null
  readonly line: number | null
}

export interface ImportedPath {
  readonly path: string
  /** As the document has it. */
  readonly template: string
  readonly line: number | null
  readonly description: string
  readonly plugins: readonly unknown[] | null
  readonly methods: readonly ImportedMethod[]
}

export interface ImportedDesign {
  readonly title: string
  readonly description: string
  readonly paths: readonly ImportedPath[]
  readonly models: readonly Model[]
  /** Null: the document says nothing of them. */
  readonly gatewayResponses: GatewayResponses | null
  /** What is not carried over, or was changed. */
  readonly notes: readonly ImportNote[]
}
