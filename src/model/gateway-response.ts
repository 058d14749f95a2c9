import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { type GatewayResponseName, gatewayResponses } from '../plugins/replies.ts'
import { TEMPLATE_MARK } from '../plugins/template-mark.ts'

/** The types of gateway responses that can be redefined. */
export const gatewayResponseNames = Object.keys(gatewayResponses) as readonly GatewayResponseName[]

/** What the gateway answers, by itself, in the place of the default. */
export const GatewayResponse = Type.Object(
  {
    status: Type.Union([Type.Integer({ minimum: 200, maximum: 599 }), Type.Null()], {
      title: 'Status',
      description: 'HTTP status; null for the default of the type.',
      default: null,
    }),
    headers: Type.Record(Type.String(), Type.String({ maxLength: 8192, [TEMPLATE_MARK]: true }), {
      title: 'Headers',
      description: 'Names and values; values may use context variables.',
      default: {},
    }),
    bodies: Type.Array(
      Type.Object(
        {
          contentType: Type.String({
            title: 'Content type',
            description: 'As it goes into Content-Type.',
            pattern: '^[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+(?: *; *charset=[A-Za-z0-9_-]+)?$',
            [EXPECTED]: 'a media type in lower case, with a charset or without',
            maxLength: 200,
            examples: ['application/json', 'text/html; charset=utf-8'],
          }),
          body: Type.String({
            title: 'Body',
            description: 'May use context variables; their values are escaped as JSON, XML and HTML ask.',
            maxLength: 65_536,
            examples: ['{"message":"${error.message}"}'],
            [TEMPLATE_MARK]: true,
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: 'Bodies',
        description: 'Accept picks one of them, the first where it does not say. None: the default body.',
        default: [],
        maxItems: 20,
      },
    ),
  },
  { additionalProperties: false },
)
export type GatewayResponse = Static<typeof GatewayResponse>

/** The redefined ones of a service, by type. */
export type GatewayResponses = Readonly<Partial<Record<GatewayResponseName, GatewayResponse>>>
