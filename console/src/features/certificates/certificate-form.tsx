import { Button, Checkbox, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
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
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <CertificateInputs fields={fields} onChange={setFields} error={create.error} isNew />
        <ProblemAlert error={create.error} />
        <Button type="submit" loading={create.isPending}>
          {t('upload')}
        </Button>
      </Stack>
    </form>
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
  const { submit, takeTheirs, overwrite, theirs, error, isPending } = useSave({
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
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <CertificateInputs fields={fields} onChange={setFields} error={error} isNew={false} />
        <ProblemAlert error={error} />
        {theirs !== null && (
          <ConflictAlert
            theirs={toldOf(theirs.value)}
            yours={{ name: fields.name, isDefault: fields.isDefault }}
            onTakeTheirs={() => {
              setFields({ ...nothing, name: theirs.value.name, isDefault: theirs.value.isDefault })
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
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        required
        data-autofocus
        value={fields.name}
        error={fieldError(error, '/name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
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
