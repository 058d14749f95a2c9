import { ActionIcon, Menu, ScrollArea, Text, TextInput } from '@mantine/core'
import { IconVariable } from '@tabler/icons-react'
import { type RefObject, useState } from 'react'
import { useOffers } from '../form-context.tsx'
import { useFormT } from '../texts.ts'

interface VariableMenuProps {
  readonly label: string
  /** Where the variable is put: at the caret. */
  readonly box: RefObject<HTMLInputElement | HTMLTextAreaElement | null>
  readonly onChange: (text: string) => void
}

const LIST_HEIGHT = 260

/** The context variables; the chosen one is put into a text where the caret stands. */
export function VariableMenu({ label, box, onChange }: VariableMenuProps) {
  const t = useFormT()
  const { variables } = useOffers()
  const [sought, setSought] = useState('')
  if (variables.length === 0) return null
  const found = variables.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(sought.toLowerCase()),
  )
  const insert = (name: string) => {
    if (box.current === null) return
    const { value, selectionStart, selectionEnd } = box.current
    const [from, to] = [selectionStart ?? value.length, selectionEnd ?? value.length]
    onChange(`${value.slice(0, from)}\${${name}}${value.slice(to)}`)
  }
  return (
    <Menu position="bottom-end" withinPortal onClose={() => setSought('')} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={t('field.insertVariable', { name: label })}>
          <IconVariable size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {/* Menu items are reached with the arrow keys from here. */}
        <TextInput
          size="xs"
          mb={4}
          data-autofocus
          aria-label={t('field.insertVariable', { name: label })}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <ScrollArea.Autosize mah={LIST_HEIGHT} type="auto">
          {found.map(({ name, description }) => (
            <Menu.Item key={name} onClick={() => insert(name)}>
              <Text size="xs" ff="monospace">{`\${${name}}`}</Text>
              <Text size="xs" c="dimmed">
                {description}
              </Text>
            </Menu.Item>
          ))}
          {found.length === 0 && (
            <Text size="xs" c="dimmed" p="xs">
              {t('field.noVariable')}
            </Text>
          )}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  )
}
