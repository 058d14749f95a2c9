import { Button, FileButton, Stack, Textarea } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import type { DragEvent } from 'react'
import { notifyFailed } from '../../components/notify.ts'

interface PemFieldProps {
  readonly label: string
  readonly description: string
  readonly choose: string
  readonly value: string
  readonly isRequired: boolean
  readonly onChange: (text: string) => void
  readonly error: string | undefined
}

/** A text in PEM: pasted, dropped as a file, or chosen. */
export function PemField({ label, description, choose, value, isRequired, onChange, error }: PemFieldProps) {
  const read = (file: File | null | undefined) => {
    if (file !== null && file !== undefined) file.text().then(onChange, notifyFailed)
  }
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    read(event.dataTransfer.files[0])
  }
  return (
    <Stack gap={6} align="start">
      <Textarea
        label={label}
        description={description}
        required={isRequired}
        autosize
        minRows={4}
        maxRows={10}
        w="100%"
        autoComplete="off"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={drop}
      />
      <FileButton onChange={read} inputProps={{ 'aria-label': choose }}>
        {(props) => (
          <Button {...props} size="compact-sm" variant="default" leftSection={<IconFile size={14} aria-hidden />}>
            {choose}
          </Button>
        )}
      </FileButton>
    </Stack>
  )
}
