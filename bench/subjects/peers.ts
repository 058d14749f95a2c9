import { caddy } from './caddy.ts'
import { fastify } from './fastify.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import type { Peer } from './subject.ts'

/** Every peer, in the order of the table. Each runs one thread and keeps its connections to the upstream alive. */
export const peers: readonly Peer[] = [nginx, haproxy, caddy, fastify]
