import { Button, Code, FileButton, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import classes from './document-source.module.css'
import { useT } from './texts.ts'

const kinds = ['file', 'text', 'url'] as const

/** Where a document comes from. What was typed for one is kept while another is chosen. */
export interface DocumentSource {
  readonly kind: (typeof kinds)[number]
  readonly text: string
  readonly fileName: string
  readonly url: string
}

/** Whether there is something to import. */
export const hasDocument = ({ kind, text, url }: DocumentSource): boolean => (kind === 'url' ? url : text) !== ''

interface SourceFieldsProps {
  readonly source: DocumentSource
  readonly onChange: (source: DocumentSource) => void
}

/** A file that is dropped or chosen, a text that is pasted, or an address that the server fetches from. */
export function SourceFields({ source, onChange }: SourceFieldsProps) {
  const t = useT()
  const change = (changes: Partial<DocumentSource>) => onChange({ ...source, ...changes })
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t('import.source')}
        value={source.kind}
        data={kinds.map((kind) => ({ value: kind, label: t(`import.${kind}`) }))}
        onChange={(value) => change({ kind: kinds.find((kind) => kind === value) ?? 'file' })}
        style={{ alignSelf: 'start' }}
      />
      {source.kind === 'file' && (
        <DropZone
          fileName={source.fileName}
          text={source.text}
          onFile={async (file) => change({ fileName: file.name, text: await file.text() })}
        />
      )}
      {source.kind === 'text' && (
        <Textarea
          label={t('import.textLabel')}
          autosize
          minRows={8}
          maxRows={20}
          spellCheck={false}
          styles={{
            input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
          }}
          value={source.text}
          onChange={(event) => change({ text: event.currentTarget.value, fileName: '' })}
        />
      )}
      {source.kind === 'url' && (
        <TextInput
          label={t('import.urlLabel')}
          description={t('import.urlHint')}
          type="url"
          placeholder="https://example.com/openapi.yaml"
          value={source.url}
          onChange={(event) => change({ url: event.currentTarget.value })}
        />
      )}
    </Stack>
  )
}

interface DropZoneProps {
  readonly fileName: string
  readonly text: string
  readonly onFile: (file: File) => void
}

function DropZone({ fileName, text, onFile }: DropZoneProps) {
  const t = useT()
  const [isOver, setOver] = useState(false)
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file !== undefined) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same
    <div
      className={classes.zone}
      data-over={isOver || undefined}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={28} aria-hidden />
      <Text size="sm">{t('import.drop')}</Text>
      <FileButton
        accept=".json,.yaml,.yml,application/json,application/yaml"
        onChange={(file) => file !== null && onFile(file)}
        inputProps={{ 'aria-label': t('import.chooseFile') }}
      >
        {(props) => (
          <Button variant="default" size="xs" {...props}>
            {t('import.chooseFile')}
          </Button>
        )}
      </FileButton>
      <Group gap={4} aria-live="polite" mih={22}>
        {fileName !== '' && (
          <Text size="sm">
            <Code>{fileName}</Code> {t('import.lines', { count: text.split('\n').length })}
          </Text>
        )}
      </Group>
    </div>
  )
}
