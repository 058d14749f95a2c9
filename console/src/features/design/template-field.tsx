import { ActionIcon, Group, Menu, ScrollArea, Text, Textarea, TextInput, Tooltip } from '@mantine/core'
import { IconVariable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useRef } from 'react'
import { pluginsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface TemplateFieldProps {
  readonly label: string
  /** For a field in a row, whose column says what it is. */
  readonly isLabelHidden?: boolean
  readonly description?: ReactNode
  readonly placeholder?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly isReadOnly: boolean
  /** Variables of the path, with the plus where they have it. */
  readonly pathVariables: readonly string[]
  readonly isMultiline?: boolean
}

/** A text with context variables, which can be chosen from a list and stand where the cursor is then. */
export function TemplateField({ isMultiline = false, pathVariables, ...props }: TemplateFieldProps) {
  const { label, isLabelHidden = false, value, onChange, isReadOnly, error, ...shown } = props
  const ref = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const insert = (name: string) => {
    const { selectionStart, selectionEnd } = ref.current ?? { selectionStart: null, selectionEnd: null }
    const [start, end] = [selectionStart ?? value.length, selectionEnd ?? value.length]
    const text = `\${${name}}`
    onChange(value.slice(0, start) + text + value.slice(end))
    // Once the text is there.
    requestAnimationFrame(() => {
      ref.current?.focus()
      ref.current?.setSelectionRange(start + text.length, start + text.length)
    })
  }
  const common = {
    ...shown,
    ...(isLabelHidden ? { 'aria-label': label } : { label }),
    ref,
    value,
    error,
    readOnly: isReadOnly,
    spellCheck: false,
    styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } },
    style: { flex: 1 },
  }
  return (
    <Group gap={4} wrap="nowrap" align="end">
      {isMultiline ? (
        <Textarea
          {...common}
          autosize
          minRows={4}
          maxRows={16}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
      {!isReadOnly && <VariableMenu pathVariables={pathVariables} onInsert={insert} label={label} />}
    </Group>
  )
}

interface VariableMenuProps {
  readonly label: string
  readonly pathVariables: readonly string[]
  readonly onInsert: (name: string) => void
}

/** All that a value may refer to; of the families, those that are known here by name. */
function VariableMenu({ label, pathVariables, onInsert }: VariableMenuProps) {
  const t = useT()
  const { data } = useQuery(pluginsQuery)
  const named = (data?.variables ?? []).flatMap(({ name, description }) =>
    name === 'request.path.NAME'
      ? pathVariables.map((variable) => ({ name: `request.path.${variable}`, description }))
      : [{ name, description }],
  )
  return (
    <Menu position="bottom-end" returnFocus={false}>
      <Menu.Target>
        <Tooltip label={t('backend.insertVariable')}>
          <ActionIcon variant="default" size={36} aria-label={t('backend.insertVariableInto', { field: label })}>
            <IconVariable size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <ScrollArea.Autosize mah={320} w={340}>
          {named.map(({ name, description }) => (
            <Menu.Item key={name} onClick={() => onInsert(name)}>
              <Text size="sm" ff="monospace">
                {`\${${name}}`}
              </Text>
              <Text size="xs" c="dimmed">
                {description}
              </Text>
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  )
}
