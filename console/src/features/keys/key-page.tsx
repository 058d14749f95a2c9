import { Button, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { ApiKey } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Faces, Loading, PageFailed } from '../../components/faces.tsx'
import { Facts } from '../../components/facts.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { Section } from '../../components/section.tsx'
import { shellWord } from '../../components/shell-word.ts'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useMay } from '../session/me.ts'
import { DeleteKey } from './delete-key.tsx'
import { EditKeyForm } from './edit-key.tsx'
import { KeyStateBadge } from './key-state.tsx'
import { keyQuery, usageQuery } from './queries.ts'
import { RegenerateKey } from './regenerate-key.tsx'
import { Subscriptions } from './subscriptions.tsx'
import { useT } from './texts.ts'

/** One key: what is said of it, its values, what it may call and how much of that is used. */
export function KeyPage() {
  return (
    <OnlyFor permission="read">
      <KeyOrNot />
    </OnlyFor>
  )
}

function KeyOrNot() {
  const { key: keyId } = useParams({ from: '/keys/$key' })
  const key = useQuery(keyQuery(keyId))
  if (key.data !== undefined) return <KeyView opened={key.data} />
  return key.error === null ? <Loading /> : <PageFailed error={key.error} onRetry={() => void key.refetch()} />
}

function KeyView({ opened }: { readonly opened: Versioned<ApiKey> }) {
  const t = useT()
  const common = useCommonT()
  const mayWrite = useMay('write')
  const isAdmin = useMay('admin')
  const { value: key } = opened
  const usage = useQuery(usageQuery(key.id))
  const lastUsedAt = usage.data?.lastUsedAt ?? key.lastUsedAt
  return (
    <Page
      title={key.name}
      {...(key.description !== '' && { lead: key.description })}
      crumbs={[{ label: t('title'), to: '/keys' }]}
      actions={mayWrite ? <Actions opened={opened} /> : undefined}
    >
      <Facts
        facts={[
          [t('state'), <KeyStateBadge key="state" of={key} />],
          [t('expires'), key.expiresAt === null ? common('state.never') : <When key="expires" at={key.expiresAt} />],
          [t('lastUsed'), lastUsedAt === null ? t('notUsed') : <When key="used" at={lastUsedAt} />],
          [t('created'), <When key="created" at={key.createdAt} />],
        ]}
      />
      <Faces query={usage}>{({ subscriptions }) => <Subscriptions of={key} subscriptions={subscriptions} />}</Faces>
      <Section title={t('values')} lead={t('valuesLead')}>
        {mayWrite && <RegenerateKey opened={opened} />}
      </Section>
      <Section title={t('commands')}>
        <Stack gap="xs">
          <Copyable text={`turnpike keys usage ${shellWord(key.name)}`} />
          <Copyable text={`turnpike keys subscribe ${shellWord(key.name)} SERVICE/STAGE --plan PLAN`} />
        </Stack>
      </Section>
      {isAdmin && (
        <TextLink to="/audit" search={{ object: key.id }} size="sm">
          {t('history')}
        </TextLink>
      )}
    </Page>
  )
}

function Actions({ opened }: { readonly opened: Versioned<ApiKey> }) {
  const t = useT()
  const [isEditing, { open, close }] = useDisclosure()
  const usage = useQuery(usageQuery(opened.value.id))
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={open}>
        {t('edit')}
      </Button>
      <Dialog title={t('edit')} isOpen={isEditing} onClose={close}>
        <EditKeyForm opened={opened} onDone={close} />
      </Dialog>
      <Activation opened={opened} />
      {usage.data !== undefined && <DeleteKey opened={opened} subscriptions={usage.data.subscriptions} />}
    </>
  )
}

/** Turns a key off, after asking, and on again. */
function Activation({ opened: { value: key, etag } }: { readonly opened: Versioned<ApiKey> }) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const set = useMutation({
    mutationFn: (active: boolean) =>
      answer(
        api.PATCH('/api/v1/keys/{keyId}', {
          params: { path: { keyId: key.id } },
          body: { active },
          ...ifMatch(etag),
        }),
      ),
    onSuccess: ({ active }) => notifyDone(t(active ? 'activated' : 'deactivated')),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
  const ask = () =>
    confirm({
      title: t('deactivateTitle', { name: key.name }),
      children: t('deactivateText'),
      action: t('deactivate'),
      onConfirm: () => set.mutate(false),
    })
  return (
    <Button variant="default" loading={set.isPending} onClick={() => (key.active ? ask() : set.mutate(true))}>
      {t(key.active ? 'deactivate' : 'activate')}
    </Button>
  )
}
