/** An OpenAPI document of 5 MB with 1,000 operations and 1,000 schemas, each of which refers to the next. */
export function largeDocument(): object {
  const paths = range(500).map((i) => [
    `/things${i}/{id}`,
    { get: operation(`get${i}`, i), delete: operation(`delete${i}`, i + 500) },
  ])
  return {
    openapi: '3.1.0',
    info: { title: 'Large', version: '1' },
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(range(1000).map((i) => [`Model${i}`, schema(i)])) },
  }
}

const range = (length: number) => Array.from({ length }, (_, i) => i)

function schema(i: number): object {
  const fields = range(21).map((j) => [
    `field${j}`,
    { type: 'string', description: `Field ${j} of model ${i}, which says something. `.repeat(4), maxLength: 100 + j },
  ])
  return {
    type: 'object',
    required: ['field0'],
    properties: { ...Object.fromEntries(fields), next: { $ref: `#/components/schemas/Model${(i + 1) % 1000}` } },
  }
}

function operation(operationId: string, i: number): object {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/Model${i}` } } }
  return {
    operationId,
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    responses: { 200: { description: 'It.', content } },
  }
}
