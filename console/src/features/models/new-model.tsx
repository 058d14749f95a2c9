import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import type { Model } from '../../api/model.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { DescriptionField, NameField } from '../../components/name-fields.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useT } from './texts.ts'

/** What a model begins with: an object, whose properties come next. (The document of the API has no word for any schema.) */
const BEGINNING = { type: 'object', properties: {} } as unknown as Model['schema']

/** A button that asks for the name of a model, makes it, and goes to its editor. */
export function NewModel({ service }: { readonly service: string }) {
  const t = useT()
  return (
    <DialogButton label={t('models.new')}>{(close) => <NewModelForm service={service} onDone={close} />}</DialogButton>
  )
}

function NewModelForm({ service, onDone }: { readonly service: string; readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const create = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/services/{serviceId}/models', {
          params: { path: { serviceId: service } },
          body: { name, description, schema: BEGINNING },
        }),
      ),
    async onSuccess() {
      notifyDone(t('model.created', { name }))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      onDone()
      await navigate({ to: `/services/${service}/models/${encodeURIComponent(name)}` })
    },
  })
  return (
    <DialogForm
      typed={{ name, description }}
      action={common('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
    >
      <NameField
        label={t('models.name')}
        description={t('models.nameHint')}
        value={name}
        onChange={setName}
        error={create.error}
      />
      <DescriptionField
        label={t('models.description')}
        value={description}
        onChange={setDescription}
        error={create.error}
      />
    </DialogForm>
  )
}
