import { type GatewayResponse, type GatewayResponses, gatewayResponseNames } from '../model/gateway-response.ts'

/** Sets of gateway responses that clients of other gateways expect. */

const all = (response: GatewayResponse): GatewayResponses =>
  Object.fromEntries(gatewayResponseNames.map((name) => [name, response]))

/** The presets, by name. To add one, add its entry. */
export const gatewayResponsePresets = {
  /** `{"header":{"isSuccessful":…}}`, whatever the client accepts. */
  envelope: all({
    status: null,
    headers: {},
    bodies: [
      {
        contentType: 'application/json',
        body: '{"header":{"isSuccessful":false,"resultCode":${response.httpStatus},"resultMessage":"${error.message}"}}',
      },
    ],
  }),
} as const satisfies Record<string, GatewayResponses>

export type GatewayResponsePreset = keyof typeof gatewayResponsePresets
