import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { ApiKey } from '../../api/model.ts'
import { SaveForm } from '../../components/dialog-form.tsx'
import { MomentField } from '../../components/moment-field.tsx'
import { DescriptionField, NameField } from '../../components/name-fields.tsx'
import { notifyDone } from '../../components/notify.ts'
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
  const save = useSave({
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
  return (
    <SaveForm save={save} fields={fields} fieldsOf={fieldsOf} onTake={(theirs) => setFields(fieldsOf(theirs))}>
      <NameField
        label={t('name')}
        value={fields.name}
        onChange={(name) => setFields({ ...fields, name })}
        error={save.error}
      />
      <DescriptionField
        label={t('description')}
        value={fields.description}
        onChange={(description) => setFields({ ...fields, description })}
        error={save.error}
      />
      <MomentField
        key={save.theirs?.etag}
        label={t('expires')}
        description={t('expiresHint')}
        value={fields.expiresAt}
        onChange={(expiresAt) => setFields({ ...fields, expiresAt })}
        error={fieldError(save.error, '/expiresAt')}
        none={common('state.never')}
        days={EXPIRY_DAYS}
      />
    </SaveForm>
  )
}
