import { ActionIcon, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { asSchema, at, beginning, isObject, kindOf, resolve } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { Framed, Members } from './object-field.tsx'
import { moved, useKeys } from './use-keys.ts'

/** A list of objects: a card each. */
export function CardsField({ schema, value, path, label, onChange }: FieldProps) {
  const t = useFormT()
  const { isDisabled, root, touch } = useFormState()
  const items = Array.isArray(value) ? value : []
  const item = resolve(asSchema(schema.items), root)
  const { keys, ...change } = useKeys(items.length)
  const set = (next: readonly unknown[]) => {
    touch(path)
    onChange(next)
  }
  const one = item.title ?? label
  return (
    <Framed label={label} schema={schema} path={path}>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('list.empty')}
        </Text>
      )}
      {items.map((value, place) => {
        const name = nameOf(value) ?? t('list.numbered', { name: one, number: place + 1 })
        return (
          <Paper key={keys[place]} withBorder p="sm" role="group" aria-label={name}>
            <Stack gap="sm">
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm" fw={600} truncate>
                  {name}
                </Text>
                {!isDisabled && (
                  <CardActions
                    name={name}
                    isFirst={place === 0}
                    isLast={place === items.length - 1}
                    onMove={(by) => {
                      change.move(place, place + by)
                      set(moved(items, place, place + by))
                    }}
                    onRemove={() => {
                      change.remove(place)
                      set(items.filter((_, i) => i !== place))
                    }}
                  />
                )}
              </Group>
              <Card
                schema={item}
                value={value}
                path={at(path, place)}
                label={name}
                isRequired
                onChange={(next) => onChange(items.map((other, i) => (i === place ? next : other)))}
              />
            </Stack>
          </Paper>
        )
      })}
      {!isDisabled && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            aria-label={t('list.add', { name: label })}
            onClick={() => {
              change.add()
              onChange([...items, beginning(item, root) ?? {}])
            }}
          >
            {t('list.addOne')}
          </Button>
        </Group>
      )}
    </Framed>
  )
}

function Card(props: FieldProps) {
  const { Field } = useFormState()
  return kindOf(props.schema) === 'object' ? <Members {...props} /> : <Field {...props} />
}

interface CardActionsProps {
  readonly name: string
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}

function CardActions({ name, isFirst, isLast, onMove, onRemove }: CardActionsProps) {
  const t = useFormT()
  return (
    <Group gap={2} wrap="nowrap">
      <ActionIcon variant="subtle" aria-label={t('list.up', { name })} disabled={isFirst} onClick={() => onMove(-1)}>
        <IconArrowUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" aria-label={t('list.down', { name })} disabled={isLast} onClick={() => onMove(1)}>
        <IconArrowDown size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="red" aria-label={t('list.remove', { name })} onClick={onRemove}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  )
}

/** What an item is called, where it says so itself. */
function nameOf(value: unknown): string | null {
  if (!isObject(value)) return null
  const name = value.name ?? value.id ?? value.url
  return typeof name === 'string' && name !== '' ? name : null
}
