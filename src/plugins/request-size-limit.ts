import { Type } from '#bundles/typebox'
import { definePlugin } from './plugin.ts'

export const requestSizeLimit = definePlugin({
  name: 'request-size-limit',
  summary: 'Limits the size of request bodies.',
  docs: 'A body whose declared length is over the limit is refused with 413 before the backend is asked; one without a declared length is counted while it streams. Without this plugin the limit is that of the process (`--max-body-bytes`, 10 MiB). It may be lower or higher than that.',
  phase: 'guard',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      maxBytes: Type.Integer({
        title: 'Largest body',
        description: 'In bytes, 10 MiB by default; 0 lets no body in.',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 10_485_760,
        examples: [1_048_576],
      }),
    },
    { additionalProperties: false },
  ),

  create({ maxBytes }) {
    return {
      onRequest(x) {
        if (x.request.contentLength > maxBytes)
          return { reply: 'payload-too-large', detail: `The request body is larger than ${maxBytes} bytes.` }
        x.request.maxBodyBytes = maxBytes
      },
    }
  },
})
