import { Type } from '#bundles/typebox'
import { definePlugin } from './plugin.ts'

const MOST_SECONDS = 86_400
const Seconds = (title: string, description: string) =>
  Type.Number({ title, description, minimum: 0.1, maximum: MOST_SECONDS, default: 60, examples: [5] })

export const timeout = definePlugin({
  name: 'timeout',
  summary: 'Limits how long the backend may take.',
  docs: 'Each is answered with 504. An answer that has begun when the whole time or the time between two parts is over is broken off, because its status is out already. Time-outs are kept to a tenth of a second. Without this plugin the settings of the process hold; with it a stream may be silent for as long as the whole time allows, unless `idle` says otherwise.',
  phase: 'identify',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      connect: Seconds('Connect', 'Seconds to connect to the backend.'),
      response: Seconds('Response', 'Seconds from the request to the head of the answer.'),
      idle: Type.Optional(
        Type.Number({
          title: 'Idle',
          description: 'Seconds between two parts of the answer; where it is absent, the whole time.',
          minimum: 0.1,
          maximum: MOST_SECONDS,
          examples: [30],
        }),
      ),
      total: Seconds('Total', 'Seconds from the request to the end of the answer.'),
    },
    { additionalProperties: false },
  ),

  create({ connect, response, total, idle = total }) {
    const timeouts = {
      connectMs: connect * 1000,
      responseMs: response * 1000,
      idleMs: idle * 1000,
      totalMs: total * 1000,
    }
    return {
      onRequest(x) {
        x.timeouts = timeouts
      },
    }
  },
})
