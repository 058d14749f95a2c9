import { Badge } from '@mantine/core'
import { useT } from './texts.ts'

const colors = ['gray', 'gray', 'teal', 'blue', 'yellow', 'red'] as const

/** A status, coloured by its class; the number says it to those who see no colours. */
export function StatusBadge({ status }: { readonly status: number }) {
  const t = useT()
  return (
    <Badge variant="light" color={colors[Math.floor(status / 100)] ?? 'gray'} radius="sm">
      {status === 0 ? t('noAnswer') : status}
    </Badge>
  )
}
