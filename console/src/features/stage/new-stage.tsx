import { Switch, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { NameField } from '../../components/name-fields.tsx'
import { useT } from '../../i18n/index.tsx'
import { hostsOf, urlOf } from './address.ts'
import { gatewayQuery } from './queries.ts'
import { useStageT } from './texts.ts'

interface NewStageProps {
  readonly service: string
  /** The first stage of a service is its default, unless somebody says otherwise. */
  readonly isFirst: boolean
}

/** A button that asks for what a stage needs, and makes it. */
export function NewStage({ service, isFirst }: NewStageProps) {
  const t = useStageT()
  return (
    <DialogButton label={t('new.title')}>
      {(close) => <NewStageForm service={service} isFirst={isFirst} onDone={close} />}
    </DialogButton>
  )
}

function NewStageForm({ service, isFirst, onDone }: NewStageProps & { readonly onDone: () => void }) {
  const t = useStageT()
  const common = useT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  // Which ones there are may come after the dialog.
  const [chosen, setChosen] = useState<boolean | null>(null)
  const isDefault = chosen ?? isFirst
  const [url, setUrl] = useState('')
  const create = useMutation({
    mutationFn: () => {
      const backend = url === '' ? null : { targets: [{ url, weight: 1 }] }
      return answer(
        api.POST('/api/v1/services/{serviceId}/stages', {
          params: { path: { serviceId: service } },
          body: { name, isDefault, backend },
        }),
      )
    },
    async onSuccess(stage) {
      await queries.invalidateQueries({ queryKey: ['services', service, 'stages'] })
      onDone()
      await navigate({ to: `/services/${service}/stages/${stage.name}/changes` })
    },
  })
  return (
    <DialogForm typed={{ name, url }} action={common('action.create')} change={create} onSubmit={() => create.mutate()}>
      <NameField
        label={t('field.name')}
        description={t('field.nameHint')}
        value={name}
        onChange={setName}
        error={create.error}
      />
      <Switch
        label={t('field.isDefault')}
        description={t('field.isDefaultHint')}
        checked={isDefault}
        onChange={(event) => setChosen(event.currentTarget.checked)}
      />
      <TextInput
        label={t('field.backendUrl')}
        description={t('field.backendUrlHint')}
        placeholder="http://127.0.0.1:3000"
        value={url}
        error={fieldError(create.error, '/backend/targets/0/url')}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <FutureAddress service={service} name={name} isDefault={isDefault} />
    </DialogForm>
  )
}

/** Where it will be reached, while its name is typed. */
function FutureAddress({
  service,
  name,
  isDefault,
}: {
  readonly service: string
  readonly name: string
  readonly isDefault: boolean
}) {
  const t = useStageT()
  const { data: gateway } = useQuery(gatewayQuery)
  if (gateway === undefined || name === '') return null
  const hosts = hostsOf(service, { name, isDefault, domains: [] }, gateway.baseDomain)
  return (
    <Text size="sm" role="status">
      {t('new.address')}{' '}
      {hosts.map((host) => (
        <Text key={host} span ff="monospace" display="block">
          {urlOf(host, gateway, 'optional')}
        </Text>
      ))}
    </Text>
  )
}
