import type { Alert, AlertFields } from '../../api/model.ts'
import type { Units } from '../../i18n/units.ts'
import type { en } from './en.ts'

/** Rules in words. */

export type Kind = AlertFields['kind']
type Say = (key: keyof typeof en, values?: Readonly<Record<string, string | number>>) => string

export const kinds: readonly Kind[] = [
  'server-errors',
  'client-errors',
  'latency',
  'no-traffic',
  'quota',
  'certificate',
]

/** What of a rule has a meaning, as its kind says. */
export const meaningOf = (kind: Kind) => ({
  hasWindow: kind !== 'quota' && kind !== 'certificate',
  hasMinCalls: kind === 'server-errors' || kind === 'client-errors' || kind === 'latency',
})

const unitKeys = {
  'server-errors': 'value.percent',
  'client-errors': 'value.percent',
  latency: 'value.ms',
  'no-traffic': 'value.requests',
  quota: 'value.percent',
  certificate: 'value.days',
} as const satisfies Record<Kind, keyof typeof en>

/** What was measured, with its unit. */
export function measured({ kind, value }: Pick<Alert, 'kind' | 'value'>, t: Say, units: Units): string {
  return value === null
    ? t('nothingMeasured')
    : t(unitKeys[kind], { value: units.count(Math.round(value * 100) / 100) })
}

export function ruleInWords(rule: Pick<Alert, 'kind' | 'threshold' | 'windowMinutes' | 'forMinutes'>, t: Say): string {
  const words = t(`words.${rule.kind}`, { threshold: rule.threshold, window: rule.windowMinutes })
  return rule.forMinutes === 0 ? words : t('words.for', { rule: words, for: rule.forMinutes })
}

/** A rule of a kind as most people want it. */
export function usualRule(kind: Kind): AlertFields {
  const usual = { kind, windowMinutes: 5, forMinutes: 2, minCalls: 20, webhook: null }
  const thresholds = {
    'server-errors': 5,
    'client-errors': 25,
    latency: 1_000,
    'no-traffic': 1,
    quota: 80,
    certificate: 14,
  } as const
  return { ...usual, threshold: thresholds[kind] }
}

const urgency = { firing: 0, pending: 1, resolved: 2, ok: 3 } as const

/** What is not well comes first, and what has been so for longest. */
export function byUrgency(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted(
    (a, b) => urgency[a.state] - urgency[b.state] || a.since.localeCompare(b.since) || a.name.localeCompare(b.name),
  )
}
