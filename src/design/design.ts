import type { Method } from '../model/method.ts'
import type { Resource } from '../model/resource.ts'

/** The design of one service: its tree. */
export interface Design {
  readonly resources: readonly Resource[]
  readonly methods: readonly Method[]
}
