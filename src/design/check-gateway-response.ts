import { isFieldName } from '../lib/headers/header-list.ts'
import type { GatewayResponse } from '../model/gateway-response.ts'
import type { Problem } from '../plugins/plugin.ts'
import { checkTemplate } from '../plugins/variables.ts'

/** Fields that the gateway sets by itself. */
const RESERVED = new Set([
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'trailer',
  'upgrade',
  'te',
])

/** Everything wrong with a gateway response. It answers on every path, so no path variable can be relied on. */
export function checkGatewayResponse({ headers, bodies }: GatewayResponse): Problem[] {
  const types = bodies.map(({ contentType }) => mediaType(contentType))
  return [
    ...Object.entries(headers).flatMap(([name, value]) => {
      const path = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!isFieldName(name))
        return [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
      if (RESERVED.has(name.toLowerCase()))
        return [{ path, message: `"${name}" is set by the gateway itself: remove it.` }]
      return checkTemplate(value, path, [])
    }),
    ...bodies.flatMap(({ body }, i) => checkTemplate(body, `/bodies/${i}/body`, [])),
    ...types.flatMap((type, i) =>
      types.indexOf(type) === i
        ? []
        : [{ path: `/bodies/${i}/contentType`, message: `There is a body of type ${type} already: keep one.` }],
    ),
  ]
}

function mediaType(contentType: string): string {
  return contentType.split(';')[0]?.trim() ?? ''
}
