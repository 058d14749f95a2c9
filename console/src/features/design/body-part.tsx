import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { fieldError } from '../../api/client.ts'
import { ContentFields } from './content-fields.tsx'
import type { PartProps } from './method-panel.tsx'
import { AddRow } from './row-buttons.tsx'
import { useT } from './texts.ts'

/** What the body of a request is. */
export function BodyPart({ value: { requestBody }, onChange, error, isReadOnly }: PartProps) {
  const t = useT()
  if (requestBody === null)
    return (
      <Stack align="start">
        <Text size="sm" c="dimmed">
          {t('body.none')}
        </Text>
        {!isReadOnly && (
          <AddRow
            label={t('body.add')}
            onAdd={() =>
              onChange({
                requestBody: { description: '', required: true, content: [{ contentType: 'application/json' }] },
              })
            }
          />
        )}
      </Stack>
    )
  const change = (changes: Partial<typeof requestBody>) => onChange({ requestBody: { ...requestBody, ...changes } })
  return (
    <Stack>
      <Checkbox
        label={t('body.required')}
        disabled={isReadOnly}
        checked={requestBody.required}
        onChange={(event) => change({ required: event.currentTarget.checked })}
      />
      <TextInput
        label={t('method.description')}
        readOnly={isReadOnly}
        value={requestBody.description}
        error={fieldError(error, '/requestBody/description')}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          {t('content.title')}
        </Text>
        <ContentFields
          content={requestBody.content}
          onChange={(content) => change({ content })}
          errorAt={(field) => fieldError(error, `/requestBody/content${field}`)}
          isReadOnly={isReadOnly}
        />
      </Stack>
      {!isReadOnly && (
        <Group>
          <Button
            variant="subtle"
            color="red"
            size="xs"
            leftSection={<IconTrash size={14} aria-hidden />}
            onClick={() => onChange({ requestBody: null })}
          >
            {t('body.remove')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
