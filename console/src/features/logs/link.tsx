import { Anchor, type AnchorProps } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** What requests are looked for by; the names are those of the search parameters. */
export interface LogsSearch {
  readonly status?: string
  readonly method?: string
  /** What the path contains. */
  readonly path?: string
  /** Path of the route, or id of its method. */
  readonly route?: string
  /** Id or name of the API key or user. */
  readonly consumer?: string
  /** Addresses and ranges. */
  readonly client?: string
  readonly minMs?: string
  /** Code of an answer of the gateway's own. */
  readonly error?: string
}

export const logsFilters = ['status', 'method', 'path', 'route', 'consumer', 'client', 'minMs', 'error'] as const

interface LogsLinkProps extends AnchorProps {
  readonly at: { readonly service: string; readonly stage: string }
  readonly search: LogsSearch
  readonly 'aria-label'?: string
  readonly children: ReactNode
}

/** The way from a number to the requests behind it. */
export function LogsLink({ at: { service, stage }, search, ...rest }: LogsLinkProps) {
  return <Anchor component={Link} to={`/services/${service}/stages/${stage}/logs`} search={search as never} {...rest} />
}
