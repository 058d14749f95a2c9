import { type Static, Type } from 'typebox'

/** Where one target is. */
export const BackendUrl = Type.String({
  title: 'URL',
  description: 'http or https, host, optional port and base path; no query, no user name.',
  pattern: '^https?://[^/?#@\\s]+(?:/[^?#\\s]*)?$',
  maxLength: 2048,
  examples: ['http://127.0.0.1:3000/v1'],
})

/** What requests are forwarded to: one target, or several that share the requests by their weights. */
export const Backend = Type.Object(
  {
    targets: Type.Array(
      Type.Object(
        {
          url: BackendUrl,
          weight: Type.Integer({
            title: 'Weight',
            description: 'Share of the requests, beside those of the others; 0 for none.',
            minimum: 0,
            maximum: 100,
            default: 1,
          }),
        },
        { additionalProperties: false },
      ),
      { title: 'Targets', description: 'At least one.', minItems: 1, maxItems: 100 },
    ),
  },
  { title: 'Backend', description: 'What requests are forwarded to.', additionalProperties: false },
)
export type Backend = Static<typeof Backend>

/** A backend of one target. */
export function singleTarget(url: string): Backend {
  return { targets: [{ url, weight: 1 }] }
}
