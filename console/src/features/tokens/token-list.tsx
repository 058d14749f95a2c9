import { Text } from '@mantine/core'
import { IconTicket } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import type { ApiToken } from '../../api/model.ts'
import { DataTable } from '../../components/data-table.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { MomentField } from '../../components/moment-field.tsx'
import { NameField } from '../../components/name-fields.tsx'
import { Page } from '../../components/page.tsx'
import { RemoveButton } from '../../components/remove-button.tsx'
import { SecretButton } from '../../components/secret-button.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { type Grants, GrantsFields, GrantsText } from '../people/grants-fields.tsx'
import { usersQuery } from '../people/queries.ts'
import { meQuery, useMay } from '../session/me.ts'
import { tokensQuery } from './queries.ts'
import { useT } from './texts.ts'

const EXPIRY_DAYS = [7, 30, 90, 365] as const

/** Tokens of the management API. */
export function TokenList() {
  const t = useT()
  const tokens = useQuery(tokensQuery)
  return (
    <Page title={t('title')} lead={t('lead')} actions={<NewToken />}>
      <Faces
        query={tokens}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty icon={IconTicket} title={t('empty')} hint={t('emptyHint')} />}
      >
        {({ items }) => <Tokens items={items} />}
      </Faces>
    </Page>
  )
}

function Tokens({ items }: { readonly items: readonly ApiToken[] }) {
  const t = useT()
  return (
    <DataTable
      label={t('title')}
      items={items}
      keyOf={({ id }) => id}
      minWidth={720}
      columns={[
        {
          label: t('name'),
          cell: ({ name }) => (
            <Text size="sm" fw={600}>
              {name}
            </Text>
          ),
        },
        { label: t('may'), cell: (token) => <GrantsText of={token} /> },
        { label: t('owner'), cell: ({ userId }) => <Owner id={userId} /> },
        { label: t('expires'), cell: ({ expiresAt }) => <Expiry at={expiresAt} /> },
        { label: t('created'), cell: ({ createdAt }) => <When at={createdAt} /> },
        { label: t('revoke'), isBare: true, cell: (token) => <Revoke token={token} /> },
      ]}
    />
  )
}

/** Only admins know the others; whoever is none sees only tokens of their own. */
function Owner({ id }: { readonly id: string | null }) {
  const t = useT()
  const isAdmin = useMay('admin')
  const { data: me } = useSuspenseQuery(meQuery)
  const users = useQuery({ ...usersQuery, enabled: isAdmin })
  if (id === null) return t('nobody')
  if (me?.userId === id) return me.name
  return users.data?.items.find((user) => user.id === id)?.name ?? id
}

function Expiry({ at }: { readonly at: string | null }) {
  const t = useT()
  const common = useCommonT()
  if (at === null)
    return (
      <Text size="sm" c="dimmed">
        {common('state.never')}
      </Text>
    )
  if (Date.parse(at) > Date.now()) return <When at={at} />
  return <Tag color="red">{t('expired')}</Tag>
}

function Revoke({ token: { id, name } }: { readonly token: ApiToken }) {
  const t = useT()
  return (
    <RemoveButton
      action={t('revoke')}
      label={t('revokeOf', { name })}
      title={t('revokeTitle', { name })}
      text={t('revokeText')}
      remove={() => answer(api.DELETE('/api/v1/tokens/{tokenId}', { params: { path: { tokenId: id } } }))}
      done={t('revoked')}
      queryKey={['tokens']}
    />
  )
}

interface Made {
  readonly name: string
  readonly value: string
}

function NewToken() {
  const t = useT()
  return (
    <SecretButton<Made>
      label={t('new')}
      titleOf={({ name }) => t('madeTitle', { name })}
      secretsOf={({ value }) => [
        { label: t('value'), value },
        { label: t('use'), value: `turnpike status --url ${window.location.origin} --token ${value}` },
      ]}
    >
      {(onMade) => <NewTokenForm onMade={onMade} />}
    </SecretButton>
  )
}

function NewTokenForm({ onMade }: { readonly onMade: (made: Made) => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const { data: me } = useSuspenseQuery(meQuery)
  const [name, setName] = useState('')
  // What the maker may, so that nothing is offered that is refused; to be lowered.
  const [grants, setGrants] = useState<Grants>({ role: me?.role ?? null, serviceRoles: me?.serviceRoles ?? {} })
  const [expiresAt, setExpiresAt] = useState<string | null>(null)
  const create = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/tokens', { body: { name, ...grants, expiresAt } })),
    onSuccess({ token, value }) {
      void queries.invalidateQueries({ queryKey: ['tokens'] })
      onMade({ name: token.name, value })
    },
  })
  return (
    <DialogForm
      typed={{ name, ...grants, expiresAt }}
      action={common('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
    >
      <NameField label={t('name')} description={t('nameHint')} value={name} onChange={setName} error={create.error} />
      <GrantsFields grants={grants} onChange={setGrants} error={create.error} />
      <MomentField
        label={t('expires')}
        description={t('expiresHint')}
        value={expiresAt}
        onChange={setExpiresAt}
        error={fieldError(create.error, '/expiresAt')}
        none={common('state.never')}
        days={EXPIRY_DAYS}
      />
    </DialogForm>
  )
}
