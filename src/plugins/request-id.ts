import { Type } from '#bundles/typebox'
import { isFieldName } from '../lib/headers/header-list.ts'
import { definePlugin } from './plugin.ts'

/** What may be taken over from a client: long enough to be useful, and nothing that could break a log line. */
const ACCEPTABLE = /^[A-Za-z0-9._:/+=-]{1,128}$/

export const requestId = definePlugin({
  name: 'request-id',
  summary: 'Gives each request an id that backend, client and logs share.',
  docs: 'An id that a client sends is taken over only if `trustClient` is on and it has 1 to 128 letters, digits or `._:/+=-`; otherwise a new one of 128 random bits is made.',
  phase: 'identify',
  attach: ['stage', 'path', 'method'],
  sides: ['request', 'response'],
  config: Type.Object(
    {
      header: Type.String({
        title: 'Header',
        description: 'Name of the header that carries the id.',
        default: 'x-request-id',
        maxLength: 64,
        examples: ['x-request-id'],
      }),
      trustClient: Type.Boolean({
        title: "Keep the client's id",
        description: 'Keep an id that the client sends.',
        default: false,
        examples: [true],
      }),
      echo: Type.Boolean({
        title: 'Send back',
        description: 'Put the id into the response too.',
        default: true,
        examples: [true],
      }),
    },
    { additionalProperties: false },
  ),

  check: ({ header }) =>
    isFieldName(header)
      ? []
      : [{ path: '/header', message: `"${header}" is not a header name: use letters, digits and hyphens.` }],

  create({ header, trustClient, echo }) {
    const key = header.toLowerCase()
    return {
      onRequest(x) {
        const sent = trustClient ? x.request.headers.get(key) : undefined
        if (sent !== undefined && ACCEPTABLE.test(sent)) x.id = sent
        x.request.headers.put(header, key, x.id)
      },
      ...(echo && { onResponse: (x) => x.response.headers.put(header, key, x.id) }),
    }
  },
})
