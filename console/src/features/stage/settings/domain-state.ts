import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../../api/client.ts'
import type { Certificates } from '../../../api/model.ts'

/** Whether HTTPS works for a name of one's own. */

/** The certificates that were uploaded or got. */
export const certificatesQuery = queryOptions({
  queryKey: ['certificates'],
  queryFn: () => answer(api.GET('/api/v1/certificates')),
})

/** Whether a certificate is there for a name, and holds. */
export type DomainState = 'valid' | 'expired' | 'noCertificate'

export function stateOfDomain(domain: string, { items }: Pick<Certificates, 'items'>, now: Date): DomainState {
  const own = items.filter(({ names }) => names.some((name) => covers(name, domain)))
  if (own.length === 0) return 'noCertificate'
  return own.some(({ notAfter }) => new Date(notAfter) > now) ? 'valid' : 'expired'
}

/** A wildcard stands for one label (RFC 6125, section 6.4.3). */
function covers(name: string, domain: string): boolean {
  return name === domain || (name.startsWith('*.') && domain.slice(domain.indexOf('.')) === name.slice(1))
}
