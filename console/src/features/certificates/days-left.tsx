import { Tag } from '../../components/tag.tsx'
import { useT } from './texts.ts'

/** From here on a certificate that nobody renews wants somebody's attention; those that are renewed have a third of their life left. */
const SOON_DAYS = 21

/** How long a certificate is good for, in words first: a colour alone tells nothing to many. */
export function DaysLeft({ days }: { readonly days: number }) {
  const t = useT()
  const [state, color] = stateOf(days)
  return <Tag color={color}>{t(`left.${state}`, { days: Math.abs(days) })}</Tag>
}

function stateOf(days: number): readonly ['expired' | 'today' | 'soon' | 'good', string] {
  if (days < 0) return ['expired', 'red']
  if (days === 0) return ['today', 'red']
  return days < SOON_DAYS ? ['soon', 'orange'] : ['good', 'teal']
}
