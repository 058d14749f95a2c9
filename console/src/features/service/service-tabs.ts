import type { MessageKey } from '../../i18n/index.tsx'

/** The parts of a service, in the order in which one comes to them. */
export const serviceTabs: readonly { readonly label: MessageKey; readonly path: string }[] = [
  { label: 'service.design', path: 'design' },
  { label: 'service.stages', path: 'stages' },
  { label: 'service.models', path: 'models' },
  { label: 'service.responses', path: 'responses' },
  { label: 'service.policies', path: 'policies' },
  { label: 'service.settings', path: 'settings' },
]
