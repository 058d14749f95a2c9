import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'

const REFRESH_MS = 2_000

const read = () => answer(api.GET('/api/v1/status'))

/** A node of the installation, as it is. */
export type NodeStatus = Awaited<ReturnType<typeof read>>['nodes'][number]

/** What runs, as it is at this moment. */
export const statusQuery = queryOptions({ queryKey: ['status'], queryFn: read, refetchInterval: REFRESH_MS })
