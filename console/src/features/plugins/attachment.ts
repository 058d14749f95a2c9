import { asSchema, beginning, isObject, type JsonObject, type JsonSchema } from '../../forms/schema.ts'

/** An attachment as one form: the settings of the plugin, and what every attachment can say beside them. */

interface Definition {
  readonly name: string
  readonly canShadow: boolean
  readonly config: unknown
}

interface All {
  readonly items: readonly { readonly name: string }[]
  readonly options: Readonly<Record<string, unknown>>
}

/** The schema of what is edited of an attachment. Only a plugin that can refuse can run in shadow. */
export function attachmentSchema({ name, canShadow, config }: Definition, all: All | undefined): JsonSchema {
  const { when, order, mode } = all?.options ?? {}
  const others = (all?.items ?? []).map((plugin) => plugin.name).filter((other) => other !== name)
  return {
    type: 'object',
    required: ['config'],
    properties: {
      config: { ...asSchema(config), title: name, 'x-plain': true },
      ...(canShadow ? { mode: asSchema(mode) } : {}),
      when: asSchema(when),
      order: withPlugins(asSchema(order), others),
    },
  }
}

/** `before` and `after` name another plugin: one of those that there are. */
function withPlugins(order: JsonSchema, names: readonly string[]): JsonSchema {
  const properties = Object.entries(order.properties ?? {}).map(([name, { title, description }]) => [
    name,
    { enum: names, ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) },
  ])
  return { ...order, properties: Object.fromEntries(properties) }
}

/** What a new attachment begins with. */
export function beginningOf({ config }: Pick<Definition, 'config'>): JsonObject {
  const begun = beginning(asSchema(config))
  return { config: isObject(begun) ? begun : {} }
}
