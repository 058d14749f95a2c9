import type { Place as NodeKind } from '../../../plugins/plugin.ts'
import type { PluginName } from '../../../plugins/registry.ts'
import { checkAttachments } from '../../check-plugins.ts'
import type { Report } from '../notes.ts'
import { type Fields, isRecord, type Place } from '../source.ts'

/** The plugins that the settings of another gateway come to on one node. Several settings may come to one plugin. */
export class ForeignPlugins {
  private readonly settings = new Map<PluginName, Fields>()
  private readonly report: Report
  private readonly place: Place

  constructor(report: Report, place: Place) {
    this.report = report
    this.place = place
  }

  /** Adds settings of a plugin to those that are there. */
  add(plugin: PluginName, settings: Fields): void {
    this.settings.set(plugin, merged(this.settings.get(plugin) ?? {}, settings) as Fields)
  }

  has(plugin: PluginName): boolean {
    return this.settings.has(plugin)
  }

  /** The attachments; those that would be refused are told instead. Null for none. */
  attachments(node: NodeKind, pathVariables: readonly string[]): Fields[] | null {
    const sound = [...this.settings].flatMap(([plugin, config]) => {
      const attachment = { plugin, config }
      const { problems } = checkAttachments([attachment], { place: node, pathVariables, pointer: '', vault: null })
      const [problem] = problems
      if (problem === undefined) return [attachment]
      this.report.note('pluginRefused', this.place, `"${plugin}" (${problem.message.replace(/\.$/, '')})`)
      return []
    })
    return sound.length === 0 ? null : sound
  }
}

function merged(before: unknown, added: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(added)) return [...new Set([...before, ...added])]
  if (!isRecord(before) || !isRecord(added)) return added
  return Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(added)])].map((key) => [
      key,
      key in added ? (key in before ? merged(before[key], added[key]) : added[key]) : before[key],
    ]),
  )
}

/** All texts of a record. */
export function textsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text ?? '')]))
}

/** A list of texts; an entry may itself be several, with commas. */
export function listOf(value: unknown): string[] {
  const entries = Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
  return entries.flatMap((entry) =>
    String(entry)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
}
