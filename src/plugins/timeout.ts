import { Type } from 'typebox'
import { definePlugin } from './plugin.ts'

const Seconds = (title: string, description: string) =>
  Type.Number({ title, description, minimum: 0.1, maximum: 86_400, default: 60, examples: [5] })

export const timeout = definePlugin({
  name: 'timeout',
  summary: 'Limits how long the backend may take.',
  docs: 'Each is answered with 504. An answer that has begun when the whole time is over is broken off, because its status is out already. Time-outs are kept to a tenth of a second. Without this plugin the settings of the process hold.',
  phase: 'identify',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      connect: Seconds('Connect', 'Seconds to connect to the backend.'),
      response: Seconds('Response', 'Seconds from the request to the head of the answer.'),
      total: Seconds('Total', 'Seconds from the request to the end of the answer.'),
    },
    { additionalProperties: false },
  ),

  create({ connect, response, total }) {
    const timeouts = { connectMs: connect * 1000, responseMs: response * 1000, totalMs: total * 1000 }
    return {
      onRequest(x) {
        x.timeouts = timeouts
      },
    }
  },
})
