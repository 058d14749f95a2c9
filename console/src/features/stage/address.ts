import type { Stage } from '../../api/model.ts'

/** Where a stage is reached, before it is deployed too. A test holds the names against those that the gateway listens to. */

/** Where clients connect to. */
export interface Gateway {
  readonly port: number
  readonly tlsPort: number | null
  readonly baseDomain: string
}

/** All host names of a stage: those that it always has, then its own. */
export function hostsOf(
  service: string,
  { name, isDefault, domains }: Pick<Stage, 'name' | 'isDefault' | 'domains'>,
  baseDomain: string,
): string[] {
  const always = `${service}-${name}.${baseDomain}`
  return [...(isDefault ? [`${service}.${baseDomain}`] : []), always, ...domains]
}

/** The URL of a host on the gateway: by HTTPS where the stage wants that, and there is a port for it. */
export function urlOf(
  host: string,
  { port, tlsPort }: Pick<Gateway, 'port' | 'tlsPort'>,
  https: Stage['https'],
): string {
  if (https !== 'optional' && tlsPort !== null)
    return tlsPort === 443 ? `https://${host}/` : `https://${host}:${tlsPort}/`
  return port === 80 ? `http://${host}/` : `http://${host}:${port}/`
}
