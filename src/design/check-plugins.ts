import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { expectedMessage } from '../lib/expected.ts'
import { nearest } from '../lib/nearest.ts'
import type { Vault } from '../lib/vault.ts'
import { checkCondition } from '../plugins/condition.ts'
import { type Place, type PluginDefinition, type Problem, refusingPhases } from '../plugins/plugin.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import { type Attachment, type AttachmentOptions, findPlugin, type NodePlugin, plugins } from '../plugins/registry.ts'
import { protect } from '../plugins/secret.ts'
import { checkBackend } from './check-backend.ts'
import { findOrderCycle } from './running-order.ts'

/** Checks attachments of plugins: names, places, settings by schema, and what only the plugin itself can say. */

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true })
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
  /** The keys of the service's restriction policies; left out where they are not known. */
  readonly policies?: PolicyKeys | undefined
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
  const attachments = checked.flatMap(({ attachment }) => attachment ?? [])
  const cycle = findOrderCycle(attachments.filter((one): one is Attachment => !('off' in one)))
  const circular =
    cycle === null
      ? []
      : [{ path: `${site.pointer}/${names.indexOf(cycle[0])}/order`, message: orderCycleMessage(cycle) }]
  return { attachments, problems: [...checked.flatMap(({ problems }) => problems), ...twice, ...circular] }
}

/** What is wrong where plugins are moved around one another. */
function orderCycleMessage(cycle: readonly string[]): string {
  return `${cycle.map((name) => `"${name}"`).join(', ')} are moved around one another, so that none can be first: take "order" from one of them.`
}

function checkAttachment(
  given: unknown,
  { place, pathVariables, pointer, vault, policies }: AttachmentSite,
): { attachment: NodePlugin | null; problems: Problem[] } {
  const refused = (path: string, message: string) => ({
    attachment: null,
    problems: [{ path: `${pointer}${path}`, message }],
  })
  if (!isRecord(given)) return refused('', 'A plugin is an object with "plugin" and "config".')
  const { plugin: name, config = {}, off, when, order, mode, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    return refused(
      `/${unknown}`,
      `"${unknown}" is not a property of a plugin attachment: it has "plugin", "config", "when", "order" and "mode", or "plugin" and "off".`,
    )
  const definition = typeof name === 'string' ? findPlugin(name) : undefined
  if (definition === undefined) return refused('/plugin', unknownPlugin(name))
  const plugin: PluginDefinition = definition
  if (place !== null && !plugin.attach.includes(place))
    return refused('/plugin', `"${plugin.name}" cannot be attached to a ${place}: only to ${plugin.attach.join(', ')}.`)
  if (off !== undefined) {
    if (off !== true) return refused('/off', '"off" can only be true: leave it out where the plugin is to run.')
    for (const field of ['config', 'when', 'order', 'mode'])
      if (given[field] !== undefined)
        return refused(`/${field}`, `A plugin that is switched off has no "${field}": remove it, or remove "off".`)
    return { attachment: { plugin: definition.name, off }, problems: [] }
  }
  if (!isRecord(config)) return refused('/config', 'The settings of a plugin are an object.')
  const settings: Record<string, unknown> = structuredClone(config)
  const validate = validatorOf(plugin)
  if (!validate(settings))
    return { attachment: null, problems: (validate.errors ?? []).map((error) => toProblem(error, `${pointer}/config`)) }
  const problems = (plugin.check?.(settings, { pathVariables, policies }) ?? []).map(({ path, message }) => ({
    path: `${pointer}/config${path}`,
    message,
  }))
  for (const { path, backend } of plugin.backendsOf?.(settings) ?? [])
    problems.push(...checkBackend(backend, `${pointer}/config${path}`, vault).problems)
  const kept = vault === null || problems.length > 0 ? noSecrets(settings) : protect(settings, plugin.config, vault)
  problems.push(...kept.problems.map(({ path, message }) => ({ path: `${pointer}/config${path}`, message })))
  const options = checkOptions({ when, order, mode }, plugin, { pathVariables, pointer })
  return {
    // The schema of this very plugin has just accepted the settings.
    attachment: { plugin: plugin.name, config: kept.config, ...options.accepted } as unknown as NodePlugin,
    problems: [...problems, ...options.problems],
  }
}

/** The options of an attachment, without those that have their default, and everything wrong with them. */
function checkOptions(
  { when, order, mode }: Readonly<Record<keyof AttachmentOptions, unknown>>,
  plugin: PluginDefinition,
  { pathVariables, pointer }: Pick<AttachmentSite, 'pathVariables' | 'pointer'>,
): { accepted: AttachmentOptions; problems: Problem[] } {
  const problems = [
    ...(when === undefined ? [] : checkWhen(when, `${pointer}/when`, pathVariables)),
    ...(order === undefined ? [] : checkOrder(order, `${pointer}/order`, plugin.name)),
    ...(mode === undefined ? [] : checkMode(mode, `${pointer}/mode`, plugin)),
  ]
  const accepted = {
    ...(when !== undefined && { when }),
    ...(order !== undefined && { order }),
    ...(mode === 'shadow' && { mode }),
  }
  // Without problems they are what has just been checked; with problems nobody uses them.
  return { accepted: problems.length === 0 ? (accepted as AttachmentOptions) : {}, problems }
}

function checkWhen(when: unknown, path: string, pathVariables: readonly string[]): Problem[] {
  if (typeof when !== 'string')
    return [{ path, message: 'A condition is a text, such as "request.method == \\"POST\\"".' }]
  if (when.trim() === '')
    return [{ path, message: 'A condition cannot be empty: leave "when" out where the plugin is always to run.' }]
  return checkCondition(when, path, pathVariables)
}

function checkOrder(order: unknown, path: string, own: string): Problem[] {
  const entries = isRecord(order) ? Object.entries(order) : []
  const [[side, anchor] = ['', undefined], ...others] = entries
  if ((side !== 'before' && side !== 'after') || others.length > 0)
    return [{ path, message: 'An order is { "before": PLUGIN } or { "after": PLUGIN }, with one of the two.' }]
  if (typeof anchor !== 'string' || findPlugin(anchor) === undefined)
    return [{ path: `${path}/${side}`, message: unknownPlugin(anchor) }]
  if (anchor === own)
    return [{ path: `${path}/${side}`, message: `"${own}" cannot run ${side} itself: name another plugin.` }]
  return []
}

function checkMode(mode: unknown, path: string, { name, phase, answersOptions }: PluginDefinition): Problem[] {
  if (mode !== 'enforce' && mode !== 'shadow') return [{ path, message: 'A mode is "enforce" or "shadow".' }]
  if (mode === 'enforce' || (refusingPhases.includes(phase) && answersOptions !== true)) return []
  return [
    {
      path,
      message: `"${name}" refuses no requests, so that it has nothing to do in shadow: leave "mode" out, or limit it with "when".`,
    },
  ]
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
function toProblem(error: ErrorObject, pointer: string): Problem {
  const { keyword, params, parentSchema } = error
  const path = pointer + error.instancePath
  if (keyword !== 'additionalProperties') return { path, message: `${fieldOf(path)} ${expectedMessage(error)}.` }
  const unknown = String(params.additionalProperty)
  const known = Object.keys(isRecord(parentSchema?.properties) ? parentSchema.properties : {})
  const similar = nearest(unknown, known)
  return {
    path: `${path}/${unknown}`,
    message: `"${unknown}" is not a setting${similar === undefined ? '.' : `; did you mean "${similar}"?`} There are: ${known.join(', ')}.`,
  }
}

/** A field in words: an entry of a list by the list and its place in it. */
function fieldOf(pointer: string): string {
  const last = /[^/]+(?:\/\d+)*$/.exec(pointer)?.[0] ?? ''
  return last === 'config' ? 'The settings' : `"${last}"`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
