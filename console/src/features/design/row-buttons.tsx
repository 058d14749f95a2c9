import { ActionIcon, Button } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useT as useCommon } from '../../i18n/index.tsx'

/** The buttons of lists in which one types: one more, and one less. */

interface AddRowProps {
  readonly label: string
  readonly isDisabled?: boolean
  readonly onAdd: () => void
}

export function AddRow({ label, isDisabled = false, onAdd }: AddRowProps) {
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      disabled={isDisabled}
      onClick={onAdd}
    >
      {label}
    </Button>
  )
}

interface RemoveRowProps {
  /** What is taken away, for those who hear it. */
  readonly name: string
  readonly onRemove: () => void
}

/** As high as the fields beside it. */
export function RemoveRow({ name, onRemove }: RemoveRowProps) {
  const common = useCommon()
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      size={36}
      aria-label={`${common('action.remove')} ${name}`}
      onClick={onRemove}
    >
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  )
}
