import type { MessageKey } from '../../i18n/index.tsx'

/** The parts of a stage, in the order in which one comes to them. */
export const stageTabs: readonly { readonly label: MessageKey; readonly path: string }[] = [
  { label: 'stage.changes', path: 'changes' },
  { label: 'stage.backends', path: 'backends' },
  { label: 'stage.settings', path: 'settings' },
  { label: 'stage.history', path: 'history' },
  { label: 'stage.try', path: 'try' },
  { label: 'stage.dashboard', path: 'dashboard' },
  { label: 'stage.logs', path: 'logs' },
  { label: 'stage.alerts', path: 'alerts' },
  { label: 'stage.document', path: 'document' },
]
