import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useMay } from '../features/session/me.ts'
import { useT } from '../i18n/index.tsx'
import { Empty } from './faces.tsx'

interface OnlyForProps {
  readonly permission: 'read' | 'write' | 'admin'
  readonly children: ReactNode
}

/** A page for those who may; others are told so instead of what the server would refuse. */
export function OnlyFor({ permission, children }: OnlyForProps) {
  const t = useT()
  if (useMay(permission)) return children
  return <Empty icon={IconLock} title={t('state.notAllowed')} hint={t('state.notAllowedHint')} />
}
