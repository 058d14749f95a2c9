import type { Stage } from '../../../api/model.ts'

/** What the settings page edits. */
export const settingNames = [
  'description',
  'isDefault',
  'domains',
  'pathPrefix',
  'trailingSlash',
  'https',
  'hsts',
  'variables',
  'publicDocument',
  'keepDeployments',
] as const

export type Settings = Pick<Stage, (typeof settingNames)[number]>

/** A part of the settings: all of them, what is wrong with them, and how they are changed. */
export interface SettingsPart {
  readonly service: string
  readonly stage: string
  readonly values: Settings
  readonly error: Error | null
  readonly isDisabled: boolean
  readonly onChange: (change: Partial<Settings>) => void
}
