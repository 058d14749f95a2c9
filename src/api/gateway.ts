import { Type } from '#bundles/typebox'
import { type Api, type ApiContext, mayOnSome } from './context.ts'

/** Where clients of the APIs connect to. */
export const GatewayAddress = Type.Object(
  {
    port: Type.Integer(),
    tlsPort: Type.Union([Type.Integer(), Type.Null()], { description: 'Of HTTPS; null where it is off.' }),
    baseDomain: Type.String({ description: 'Under which stages have their host names.' }),
  },
  { description: 'Where clients of the APIs connect to.' },
)

export function gatewayRoutes(api: Api, { gateway: { port, tlsPort }, deployer }: ApiContext): void {
  api.get(
    '/gateway',
    {
      // It tells of no service, so that whoever may read any is told.
      ...mayOnSome('read'),
      schema: { summary: 'Read where clients connect to', tags: ['Status'], response: { 200: GatewayAddress } },
    },
    () => ({ port, tlsPort, baseDomain: deployer.baseDomain }),
  )
}
