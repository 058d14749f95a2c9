import { Checkbox, Stack, TagsInput, Textarea, TextInput } from '@mantine/core'
import { fieldError } from '../../api/client.ts'
import type { PartProps } from './method-panel.tsx'
import { useT } from './texts.ts'

/** What people read of a method, and what generated clients call it. */
export function AboutPart({ value, onChange, error, isReadOnly }: PartProps) {
  const t = useT()
  return (
    <Stack>
      <TextInput
        label={t('method.name')}
        description={t('method.nameHint')}
        readOnly={isReadOnly}
        value={value.name}
        error={fieldError(error, '/name')}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Textarea
        label={t('method.description')}
        autosize
        minRows={3}
        maxRows={16}
        readOnly={isReadOnly}
        value={value.description}
        error={fieldError(error, '/description')}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <TextInput
        label={t('method.operationId')}
        description={t('method.operationIdHint')}
        readOnly={isReadOnly}
        value={value.operationId}
        error={fieldError(error, '/operationId')}
        onChange={(event) => onChange({ operationId: event.currentTarget.value })}
      />
      <TagsInput
        label={t('method.tags')}
        description={t('method.tagsHint')}
        readOnly={isReadOnly}
        value={value.tags}
        error={fieldError(error, '/tags')}
        onChange={(tags) => onChange({ tags })}
      />
      <Checkbox
        label={t('method.deprecated')}
        description={t('method.deprecatedHint')}
        disabled={isReadOnly}
        checked={value.deprecated}
        onChange={(event) => onChange({ deprecated: event.currentTarget.checked })}
      />
    </Stack>
  )
}
