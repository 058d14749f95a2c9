/** The design of an API of which nothing is known: every path and method goes to the backend as it is. */
export function plainProxyDocument(title: string): string {
  const any = {
    'x-turnpike-any-method': {
      summary: 'Pass it on',
      responses: { default: { description: 'As the backend answers.' } },
    },
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title, version: '1.0.0' },
    paths: {
      '/': any,
      '/{path+}': { parameters: [{ name: 'path', in: 'path', required: true, schema: { type: 'string' } }], ...any },
    },
  })
}

/** What a service may be called, made of the name of a file or a document; nothing where that gives none. */
export function serviceNameFrom(text: string): string {
  return text
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30)
}
