import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { nearest } from '../lib/nearest.ts'
import type { Vault } from '../lib/vault.ts'
import type { Place, PluginDefinition, Problem } from '../plugins/plugin.ts'
import { findPlugin, type NodePlugin, plugins } from '../plugins/registry.ts'
import { protect } from '../plugins/secret.ts'

/** Checks attachments of plugins: names, places, settings by schema, and what only the plugin itself can say. */

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false })
const validators = new Map<string, ValidateFunction>()

function validatorOf(plugin: PluginDefinition): ValidateFunction {
  let validator = validators.get(plugin.name)
  if (validator === undefined) {
    validator = ajv.compile(plugin.config)
    validators.set(plugin.name, validator)
  }
  return validator
}

/** Where attachments stand. */
export interface AttachmentSite {
  /** Null for what has been inherited from all kinds of places. */
  readonly place: Place | null
  /** Path variables of the node. */
  readonly pathVariables: readonly string[]
  /** JSON Pointer of the list, for problems. */
  readonly pointer: string
  /** Protects the secrets among the settings; null where they are protected already. */
  readonly vault: Vault | null
}

/** Attachments with every default filled in, and everything that is wrong with them. Use the attachments only without problems. */
export function checkAttachments(
  given: readonly unknown[],
  site: AttachmentSite,
): { attachments: NodePlugin[]; problems: Problem[] } {
  const checked = given.map((one, i) => checkAttachment(one, { ...site, pointer: `${site.pointer}/${i}` }))
  const names = checked.map(({ attachment }) => attachment?.plugin)
  const twice = names.flatMap((name, i) =>
    name !== undefined && names.indexOf(name) !== i
      ? [{ path: `${site.pointer}/${i}/plugin`, message: `"${name}" is attached here twice: keep one.` }]
      : [],
  )
  return {
    attachments: checked.flatMap(({ attachment }) => attachment ?? []),
    problems: [...checked.flatMap(({ problems }) => problems), ...twice],
  }
}

function checkAttachment(
  given: unknown,
  { place, pathVariables, pointer, vault }: AttachmentSite,
): { attachment: NodePlugin | null; problems: Problem[] } {
  const refused = (path: string, message: string) => ({
    attachment: null,
    problems: [{ path: `${pointer}${path}`, message }],
  })
  if (!isRecord(given)) return refused('', 'A plugin is an object with "plugin" and "config".')
  const { plugin: name, config = {}, off, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    return refused(
      `/${unknown}`,
      `"${unknown}" is not a property of a plugin attachment: it has "plugin" and "config", or "plugin" and "off".`,
    )
  const definition = typeof name === 'string' ? findPlugin(name) : undefined
  if (definition === undefined) return refused('/plugin', unknownPlugin(name))
  const plugin: PluginDefinition = definition
  if (place !== null && !plugin.attach.includes(place))
    return refused('/plugin', `"${plugin.name}" cannot be attached to a ${place}: only to ${plugin.attach.join(', ')}.`)
  if (off !== undefined) {
    if (off !== true) return refused('/off', '"off" can only be true: leave it out where the plugin is to run.')
    if (given.config !== undefined) return refused('/config', 'A plugin that is switched off has no settings.')
    return { attachment: { plugin: definition.name, off }, problems: [] }
  }
  if (!isRecord(config)) return refused('/config', 'The settings of a plugin are an object.')
  const settings: Record<string, unknown> = structuredClone(config)
  const validate = validatorOf(plugin)
  if (!validate(settings))
    return { attachment: null, problems: (validate.errors ?? []).map((error) => toProblem(error, `${pointer}/config`)) }
  const problems = (plugin.check?.(settings, { pathVariables }) ?? []).map(({ path, message }) => ({
    path: `${pointer}/config${path}`,
    message,
  }))
  const kept = vault === null || problems.length > 0 ? noSecrets(settings) : protect(settings, plugin.config, vault)
  problems.push(...kept.problems.map(({ path, message }) => ({ path: `${pointer}/config${path}`, message })))
  // The schema of this very plugin has just accepted the settings.
  return { attachment: { plugin: plugin.name, config: kept.config } as unknown as NodePlugin, problems }
}

/** Settings whose secrets need no protection: they have it, or nobody will keep them. */
function noSecrets(config: Record<string, unknown>): ReturnType<typeof protect<Record<string, unknown>>> {
  return { config, problems: [] }
}

function unknownPlugin(name: unknown): string {
  const names = plugins.map((plugin) => plugin.name)
  const similar = typeof name === 'string' ? nearest(name, names) : undefined
  return `${JSON.stringify(name)} is not a plugin${similar === undefined ? '' : `; did you mean "${similar}"?`} There are: ${names.join(', ')}.`
}

/** An error of the schema, said to people. */
function toProblem({ instancePath, keyword, params, message, parentSchema }: ErrorObject, pointer: string): Problem {
  const path = pointer + instancePath
  if (keyword !== 'additionalProperties') return { path, message: `${fieldOf(path)} ${message ?? 'is not valid'}.` }
  const unknown = String(params.additionalProperty)
  const known = Object.keys(isRecord(parentSchema?.properties) ? parentSchema.properties : {})
  const similar = nearest(unknown, known)
  return {
    path: `${path}/${unknown}`,
    message: `"${unknown}" is not a setting${similar === undefined ? '' : `; did you mean "${similar}"?`} There are: ${known.join(', ')}.`,
  }
}

function fieldOf(pointer: string): string {
  const last = pointer.slice(pointer.lastIndexOf('/') + 1)
  return last === 'config' ? 'The settings' : `"${last}"`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
