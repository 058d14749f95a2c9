import type { ButtonProps } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { DialogButton } from './dialog.tsx'
import { type Secret, SecretsDialog } from './secrets.tsx'

interface SecretButtonProps<Made> extends Pick<ButtonProps, 'size' | 'variant' | 'leftSection'> {
  /** What the button says, and what the dialog is called. */
  readonly label: string
  /** What is said over the secrets. */
  readonly titleOf: (made: Made) => string
  readonly secretsOf: (made: Made) => readonly Secret[]
  /** When somebody has kept them. */
  readonly onKept?: (made: Made) => void
  /** What is in the dialog. `onMade` closes it, and shows what was made. */
  readonly children: (onMade: (made: Made) => void) => ReactNode
}

/** A button, the dialog that it opens, and the secrets of what was made in that, shown this once. */
export function SecretButton<Made>({ titleOf, secretsOf, onKept, children, ...button }: SecretButtonProps<Made>) {
  const [made, setMade] = useState<Made | null>(null)
  return (
    <>
      <DialogButton {...button}>
        {(close) =>
          children((made) => {
            close()
            setMade(made)
          })
        }
      </DialogButton>
      <SecretsDialog
        title={made === null ? '' : titleOf(made)}
        secrets={made && secretsOf(made)}
        onClose={() => {
          setMade(null)
          if (made !== null) onKept?.(made)
        }}
      />
    </>
  )
}
