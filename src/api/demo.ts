import { Type } from '#bundles/typebox'
import { type Api, type ApiContext, mayUnversioned } from './context.ts'

const Demo = Type.Object({
  url: Type.String({ description: 'Where it listens, on loopback, until the program stops.' }),
  document: Type.String({ description: 'Its OpenAPI document, to import.' }),
})

export function demoRoutes(api: Api, { demo }: ApiContext): void {
  api.post(
    '/demo',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Start the demo backend',
        description: 'A small pet store to try things with. Where it runs already, it is the same one.',
        tags: ['Status'],
        response: { 200: Demo },
      },
    },
    async () => {
      const { url, document } = await demo()
      return { url, document }
    },
  )
}
