import { checkGatewayResponse } from '../design/check-gateway-response.ts'
import { type GatewayResponsePreset, gatewayResponsePresets } from '../design/gateway-response-presets.ts'
import { Invalid } from '../model/errors.ts'
import { type GatewayResponse, type GatewayResponses, gatewayResponseNames } from '../model/gateway-response.ts'
import { type GatewayResponseName, gatewayResponses } from '../plugins/replies.ts'
import type { Unit } from '../store/unit.ts'
import { findService } from './find.ts'
import { assertVersion, type ExpectedVersion, touchService } from './versions.ts'

/** A type of gateway response, and what a service makes of it. */
export interface GatewayResponseState {
  readonly type: GatewayResponseName
  readonly defaultStatus: number
  readonly title: string
  /** Null for the default one. */
  readonly redefined: GatewayResponse | null
}

/** All types of gateway responses, as a service has them. */
export async function listGatewayResponses(unit: Unit, serviceIdOrName: string): Promise<GatewayResponseState[]> {
  const redefined = await unit.services.gatewayResponses((await findService(unit, serviceIdOrName)).id)
  return gatewayResponseNames.map((type) => ({
    type,
    defaultStatus: gatewayResponses[type].status,
    title: gatewayResponses[type].title,
    redefined: redefined[type] ?? null,
  }))
}

/** Redefines one type of gateway response; null brings its default back. */
export function setGatewayResponse(
  unit: Unit,
  serviceIdOrName: string,
  type: GatewayResponseName,
  response: GatewayResponse | null,
  expected: ExpectedVersion,
): Promise<GatewayResponses> {
  if (response !== null) assertGatewayResponse(type, response)
  return change(unit, serviceIdOrName, expected, ({ [type]: _, ...others }) =>
    response === null ? others : { ...others, [type]: response },
  )
}

/** Throws `Invalid`, with everything wrong with a gateway response. */
export function assertGatewayResponse(type: GatewayResponseName, response: GatewayResponse): void {
  const problems = checkGatewayResponse(response)
  if (problems.length > 0) throw new Invalid(`The gateway response "${type}" cannot be redefined so.`, problems)
}

/** Redefines all types at once by a preset; null brings all defaults back. */
export function setGatewayResponses(
  unit: Unit,
  serviceIdOrName: string,
  preset: GatewayResponsePreset | null,
  expected: ExpectedVersion,
): Promise<GatewayResponses> {
  return change(unit, serviceIdOrName, expected, () => (preset === null ? {} : gatewayResponsePresets[preset]))
}

async function change(
  unit: Unit,
  serviceIdOrName: string,
  expected: ExpectedVersion,
  make: (before: GatewayResponses) => GatewayResponses,
): Promise<GatewayResponses> {
  const service = await findService(unit, serviceIdOrName)
  assertVersion(service, expected)
  const before = await unit.services.gatewayResponses(service.id)
  const after = make(before)
  await unit.services.setGatewayResponses(service.id, after)
  await touchService(unit, service)
  await unit.audit.record({
    action: 'update',
    kind: 'gateway-responses',
    serviceId: service.id,
    id: service.id,
    before,
    after,
  })
  return after
}
