import { Button, Stack, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { ApiKey } from '../../api/model.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { MomentField } from '../../components/moment-field.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useSave } from '../../components/use-save.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { EXPIRY_DAYS } from './new-key.tsx'
import { readKey } from './queries.ts'
import { useT } from './texts.ts'

const fieldsOf = ({ name, description, expiresAt }: ApiKey) => ({ name, description, expiresAt })

/** Changes what is said of a key, and until when it is accepted. */
export function EditKeyForm({ opened, onDone }: { readonly opened: Versioned<ApiKey>; readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const keyId = opened.value.id
  const [fields, setFields] = useState(() => fieldsOf(opened.value))
  const { submit, takeTheirs, overwrite, theirs, error, isPending } = useSave({
    etag: opened.etag,
    save: (etag) =>
      versioned(api.PATCH('/api/v1/keys/{keyId}', { params: { path: { keyId } }, body: fields, ...ifMatch(etag) })),
    read: () => readKey(keyId),
    onSaved() {
      void queries.invalidateQueries({ queryKey: ['keys'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <TextInput
          label={t('name')}
          required
          data-autofocus
          value={fields.name}
          error={fieldError(error, '/name')}
          onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
        />
        <Textarea
          label={t('description')}
          autosize
          minRows={2}
          value={fields.description}
          error={fieldError(error, '/description')}
          onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })}
        />
        <MomentField
          key={theirs?.etag}
          label={t('expires')}
          description={t('expiresHint')}
          value={fields.expiresAt}
          onChange={(expiresAt) => setFields({ ...fields, expiresAt })}
          error={fieldError(error, '/expiresAt')}
          none={common('state.never')}
          days={EXPIRY_DAYS}
        />
        <ProblemAlert error={error} />
        {theirs !== null && (
          <ConflictAlert
            theirs={fieldsOf(theirs.value)}
            yours={fields}
            onTakeTheirs={() => {
              setFields(fieldsOf(theirs.value))
              takeTheirs()
            }}
            onOverwrite={overwrite}
          />
        )}
        <Button type="submit" loading={isPending} disabled={theirs !== null}>
          {common('action.save')}
        </Button>
      </Stack>
    </form>
  )
}
