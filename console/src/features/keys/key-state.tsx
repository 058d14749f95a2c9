import type { ApiKey } from '../../api/model.ts'
import { Tag } from '../../components/tag.tsx'
import { useT } from './texts.ts'

/** What becomes of requests with a key. */
export type KeyState = 'active' | 'inactive' | 'expired'

export function keyState({ active, expiresAt }: Pick<ApiKey, 'active' | 'expiresAt'>, now = Date.now()): KeyState {
  if (!active) return 'inactive'
  return expiresAt !== null && Date.parse(expiresAt) <= now ? 'expired' : 'active'
}

const colors = { active: 'teal', inactive: 'gray', expired: 'red' } as const

export function KeyStateBadge({ of }: { readonly of: Pick<ApiKey, 'active' | 'expiresAt'> }) {
  const t = useT()
  const state = keyState(of)
  return <Tag color={colors[state]}>{t(`state.${state}`)}</Tag>
}
