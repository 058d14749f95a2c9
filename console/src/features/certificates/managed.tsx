import { Button, Checkbox, Group, Radio, Stack, TagsInput, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, answer, api } from '../../api/client.ts'
import { DataTable } from '../../components/data-table.tsx'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Faces } from '../../components/faces.tsx'
import { NameField } from '../../components/name-fields.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { RemoveButton } from '../../components/remove-button.tsx'
import { Section } from '../../components/section.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { useMay } from '../session/me.ts'
import { type ManagedCertificate, managedQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Certificates that the program gets by itself: how that stands, and when it is tried again. */
export function ManagedCertificates() {
  const t = useT()
  const managed = useQuery(managedQuery)
  const mayWrite = useMay('write')
  const columns = [
    {
      label: t('name'),
      cell: ({ name }: ManagedCertificate) => (
        <Text size="sm" fw={600}>
          {name}
        </Text>
      ),
    },
    { label: t('domains'), cell: ({ domains }: ManagedCertificate) => domains.join(', ') },
    { label: t('state'), cell: (one: ManagedCertificate) => <State of={one} /> },
    { label: t('nextAttempt'), cell: ({ nextAttemptAt }: ManagedCertificate) => <When at={nextAttemptAt} /> },
  ]
  const actions = { label: t('now'), isBare: true, cell: (one: ManagedCertificate) => <RowActions of={one} /> }
  return (
    <Section title={t('managed')} lead={t('managedLead')}>
      <Faces
        query={managed}
        isEmpty={({ items }) => items.length === 0}
        empty={<Text size="sm">{t('noManaged')}</Text>}
      >
        {({ items }) => (
          <DataTable
            label={t('managed')}
            items={items}
            keyOf={({ id }) => id}
            minWidth={760}
            columns={mayWrite ? [...columns, actions] : columns}
          />
        )}
      </Faces>
    </Section>
  )
}

const colors = { pending: 'blue', issued: 'teal', failing: 'red' } as const

function State({ of: { state, failures, lastError } }: { readonly of: ManagedCertificate }) {
  const t = useT()
  return (
    <Stack gap={2} align="start" maw={320}>
      <Tag color={colors[state]}>{t(`state.${state}`)}</Tag>
      {failures > 0 && <Text size="xs">{t('failures', { count: failures })}</Text>}
      {lastError !== null && (
        <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
          {lastError}
        </Text>
      )}
    </Stack>
  )
}

function RowActions({ of: { name } }: { readonly of: ManagedCertificate }) {
  const t = useT()
  const queries = useQueryClient()
  const params = { params: { path: { name } } }
  const attempt = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/managed-certificates/{name}/attempts', params)),
    onSuccess: () => notifyDone(t('asked')),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['certificates'] }),
  })
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button
        size="xs"
        variant="default"
        loading={attempt.isPending}
        aria-label={t('nowOf', { name })}
        onClick={() => attempt.mutate()}
      >
        {t('now')}
      </Button>
      <RemoveButton
        action={t('end')}
        label={t('endOf', { name })}
        title={t('endOf', { name })}
        text={t('endText')}
        remove={() => answer(api.DELETE('/api/v1/managed-certificates/{name}', params))}
        done={t('ended', { name })}
        queryKey={['certificates']}
      />
    </Group>
  )
}

/** A button that has a certificate got from an authority. */
export function RequestCertificate() {
  const t = useT()
  return (
    <DialogButton variant="default" label={t('request')} leftSection={<IconRefresh size={16} aria-hidden />}>
      {(close) => <RequestForm onDone={close} />}
    </DialogButton>
  )
}

const challenges = ['http-01', 'tls-alpn-01'] as const
type Challenge = (typeof challenges)[number]

function RequestForm({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [domains, setDomains] = useState<string[]>([])
  const [challenge, setChallenge] = useState<Challenge>('http-01')
  const [isAgreed, setIsAgreed] = useState(false)
  const request = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/managed-certificates', { body: { name, domains, challenge, termsOfServiceAgreed: true } }),
      ),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ['certificates'] })
      notifyDone(t('asked'))
      onDone()
    },
  })
  return (
    <DialogForm
      typed={{ name, domains, challenge }}
      action={t('ask')}
      change={request}
      onSubmit={() => request.mutate()}
      isReady={domains.length > 0 && isAgreed}
    >
      <NameField label={t('name')} description={t('nameHint')} value={name} onChange={setName} error={request.error} />
      <TagsInput
        label={t('domains')}
        description={t('domainsHint')}
        placeholder="api.example.com"
        required={domains.length === 0}
        value={domains}
        acceptValueOnBlur
        error={domainsError(request.error)}
        onChange={setDomains}
      />
      <Radio.Group
        label={t('challenge')}
        value={challenge}
        onChange={(value) => setChallenge(challenges.find((one) => one === value) ?? 'http-01')}
      >
        <Stack gap="xs" mt={4}>
          {challenges.map((value) => (
            <Radio key={value} value={value} label={t(`challenge.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Checkbox
        label={t('terms')}
        required
        checked={isAgreed}
        onChange={(event) => setIsAgreed(event.currentTarget.checked)}
      />
    </DialogForm>
  )
}

/** What is wrong with the domains, or with one of them. */
function domainsError(error: Error | null): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  return error.errors.find(({ path }) => path === '/domains' || path.startsWith('/domains/'))?.message
}
