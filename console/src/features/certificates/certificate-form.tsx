import { Checkbox } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import { DialogForm, SaveForm } from '../../components/dialog-form.tsx'
import { NameField } from '../../components/name-fields.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useSave } from '../../components/use-save.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { PemField } from './pem-field.tsx'
import { type Certificate, readCertificate } from './queries.ts'
import { useT } from './texts.ts'

interface CertificateFields {
  readonly name: string
  readonly chain: string
  readonly key: string
  readonly isDefault: boolean
}

const nothing: CertificateFields = { name: '', chain: '', key: '', isDefault: false }

/** Uploads a certificate; what the server finds wrong with chain and key is said at these. */
export function NewCertificateForm({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const [fields, setFields] = useState(nothing)
  const create = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/certificates', { body: fields })),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ['certificates'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  return (
    <DialogForm typed={fields} action={t('upload')} change={create} onSubmit={() => create.mutate()}>
      <CertificateInputs fields={fields} onChange={setFields} error={create.error} isNew />
    </DialogForm>
  )
}

interface EditProps {
  readonly opened: Versioned<Certificate>
  readonly onDone: () => void
}

/** What of a certificate somebody else can have changed. */
const toldOf = ({ name, isDefault, fingerprint }: Certificate) => ({ name, isDefault, fingerprint })

/** Replaces chain and key of a certificate together, or changes what else is said of it. */
export function EditCertificateForm({ opened, onDone }: EditProps) {
  const common = useCommonT()
  const queries = useQueryClient()
  const certificateId = opened.value.id
  const { name, isDefault } = opened.value
  const [fields, setFields] = useState<CertificateFields>({ ...nothing, name, isDefault })
  const save = useSave({
    etag: opened.etag,
    save: (etag) =>
      versioned(
        api.PATCH('/api/v1/certificates/{certificateId}', {
          params: { path: { certificateId } },
          body: {
            name: fields.name,
            isDefault: fields.isDefault,
            ...(fields.chain !== '' && { chain: fields.chain }),
            ...(fields.key !== '' && { key: fields.key }),
          },
          ...ifMatch(etag),
        }),
      ),
    read: () => readCertificate(certificateId),
    onSaved() {
      void queries.invalidateQueries({ queryKey: ['certificates'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  return (
    <SaveForm
      save={save}
      fields={{ name: fields.name, isDefault: fields.isDefault }}
      typed={fields}
      fieldsOf={toldOf}
      onTake={(theirs) => setFields({ ...nothing, name: theirs.name, isDefault: theirs.isDefault })}
    >
      <CertificateInputs fields={fields} onChange={setFields} error={save.error} isNew={false} />
    </SaveForm>
  )
}

interface InputsProps {
  readonly fields: CertificateFields
  readonly onChange: (fields: CertificateFields) => void
  readonly error: Error | null
  readonly isNew: boolean
}

function CertificateInputs({ fields, onChange, error, isNew }: InputsProps) {
  const t = useT()
  const set = (changes: Partial<CertificateFields>) => onChange({ ...fields, ...changes })
  return (
    <>
      <NameField
        label={t('name')}
        description={t('nameHint')}
        value={fields.name}
        onChange={(name) => set({ name })}
        error={error}
      />
      <PemField
        label={t('chain')}
        description={isNew ? t('chainHint') : `${t('chainHint')} ${t('keyHintReplace')}`}
        choose={t('chooseChain')}
        isRequired={isNew}
        value={fields.chain}
        onChange={(chain) => set({ chain })}
        error={fieldError(error, '/chain')}
      />
      <PemField
        label={t('key')}
        description={t('keyHint')}
        choose={t('chooseKey')}
        isRequired={isNew}
        value={fields.key}
        onChange={(key) => set({ key })}
        error={fieldError(error, '/key')}
      />
      <Checkbox
        label={t('isDefault')}
        description={t('isDefaultHint')}
        checked={fields.isDefault}
        onChange={(event) => set({ isDefault: event.currentTarget.checked })}
      />
    </>
  )
}
