import { Type } from '#bundles/typebox'
import { isNetwork, networkSet } from '../lib/network-set.ts'
import { definePlugin } from './plugin.ts'

export const ipRestriction = definePlugin({
  name: 'ip-restriction',
  summary: 'Lets requests in by the address of the client.',
  docs: 'The address is the one that the trusted proxies (`--trusted-proxies`) resolve, never a bare header. IPv4 addresses and their IPv6-mapped form are the same. A list of ten thousand costs what a list of one costs.',
  phase: 'guard',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      mode: Type.Enum(['allow', 'deny'], {
        title: 'Mode',
        description: '`allow` lets only the listed in; `deny` keeps the listed out.',
        default: 'allow',
        examples: ['allow'],
      }),
      networks: Type.Array(Type.String({ maxLength: 64 }), {
        title: 'Networks',
        description: 'IPv4 or IPv6 addresses or CIDR ranges.',
        minItems: 1,
        maxItems: 100_000,
        examples: [['10.0.0.0/8', '2001:db8::/32']],
      }),
    },
    { additionalProperties: false },
  ),

  check: ({ networks }) =>
    networks.flatMap((network, i) =>
      isNetwork(network)
        ? []
        : [
            {
              path: `/networks/${i}`,
              message: `"${network}" is not an address or a CIDR range: write 10.0.0.0/8, say.`,
            },
          ],
    ),

  create({ mode, networks }) {
    const listed = networkSet(networks)
    const wanted = mode === 'allow'
    return {
      onRequest: (x) => (listed.has(x.clientIp) === wanted ? undefined : { reply: 'ip-denied' }),
    }
  },
})
