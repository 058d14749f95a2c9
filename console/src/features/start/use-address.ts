import { useQuery } from '@tanstack/react-query'
import type { Stage } from '../../api/model.ts'
import { hostsOf, urlOf } from '../stage/address.ts'
import { stageQuery } from '../stage/queries.ts'
import { gatewayQuery } from './queries.ts'

/** What holds until the stage and the gateway have said otherwise. */
const NEW_STAGE: Pick<Stage, 'isDefault' | 'domains' | 'https'> = { isDefault: true, domains: [], https: 'optional' }
const GATEWAY = { port: 8080, tlsPort: null, baseDomain: 'localhost' }

/** Where programs reach a stage, without a slash at its end. */
export function useAddress(service: string | undefined, stage: string | undefined): string {
  const { data: gateway = GATEWAY } = useQuery(gatewayQuery)
  const [ofService, ofStage] = [service ?? '', stage ?? '']
  const { data } = useQuery({ ...stageQuery(ofService, ofStage), enabled: ofService !== '' && ofStage !== '' })
  const found = data?.value ?? { ...NEW_STAGE, name: ofStage }
  const [host = ''] = hostsOf(ofService, found, gateway.baseDomain)
  return urlOf(host, gateway, found.https).slice(0, -1)
}
