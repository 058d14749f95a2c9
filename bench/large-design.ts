/** A document of so many methods: collections and their items, with as much on each method as documents of real APIs have. */
export function largeDesign(methods: number) {
  const parameter = (name: string, place: string) => ({
    name,
    in: place,
    required: place === 'path',
    description: `The ${name} that is meant.`,
    schema: { type: 'string' },
  })
  const method = (summary: string, ...parameters: object[]) => ({
    summary,
    description: `${summary}, as it is at the moment of the call. Needs the role that the collection asks for.`,
    tags: ['collections'],
    parameters,
    responses: { 200: { description: 'As asked for.' }, 404: { description: 'There is none.' } },
  })
  const collections = Array.from({ length: methods / 4 }, (_, i) => `collection-${i}`)
  const paths = collections.flatMap((name) => [
    [`/${name}`, { get: method(`List ${name}`, parameter('limit', 'query')), post: method(`Add to ${name}`) }],
    [
      `/${name}/{id}`,
      {
        get: method(`Read of ${name}`, parameter('id', 'path')),
        put: method(`Set in ${name}`, parameter('id', 'path')),
      },
    ],
  ])
  return { openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths: Object.fromEntries(paths) }
}
