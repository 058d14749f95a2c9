import { Button, Group, PasswordInput, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { User } from '../../api/model.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Dialog, DialogButton } from '../../components/dialog.tsx'
import { DialogForm, SaveForm } from '../../components/dialog-form.tsx'
import { Faces } from '../../components/faces.tsx'
import { NameField } from '../../components/name-fields.tsx'
import { notifyDone } from '../../components/notify.ts'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { RemoveButton } from '../../components/remove-button.tsx'
import { Tag } from '../../components/tag.tsx'
import { useSave } from '../../components/use-save.ts'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { meQuery, useMay } from '../session/me.ts'
import { type Grants, GrantsFields, GrantsText } from './grants-fields.tsx'
import { readUser, userQuery, usersQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Who logs in, and what they may do. */
export function People() {
  const t = useT()
  const isAdmin = useMay('admin')
  return (
    <Page title={t('title')} lead={t('lead')} actions={isAdmin ? <NewUser /> : undefined}>
      <OnlyFor permission="admin">
        <Users />
      </OnlyFor>
    </Page>
  )
}

function Users() {
  const t = useT()
  const users = useQuery(usersQuery)
  const { data: me } = useSuspenseQuery(meQuery)
  return (
    <>
      <Faces query={users}>
        {({ items }) => (
          <DataTable
            label={t('title')}
            items={items}
            keyOf={({ id }) => id}
            minWidth={680}
            columns={[
              { label: t('name'), cell: (user) => <Name of={user} isMe={user.id === me?.userId} /> },
              { label: t('role'), cell: (user) => <GrantsText of={user} /> },
              { label: t('created'), cell: ({ createdAt }) => <When at={createdAt} /> },
              { label: t('actions'), isBare: true, cell: (user) => <RowActions of={user} /> },
            ]}
          />
        )}
      </Faces>
      <EditUser />
    </>
  )
}

function Name({ of: { name }, isMe }: { readonly of: User; readonly isMe: boolean }) {
  const t = useT()
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" fw={600}>
        {name}
      </Text>
      {isMe && <Tag size="sm">{t('you')}</Tag>}
    </Group>
  )
}

function RowActions({ of: user }: { readonly of: User }) {
  const t = useT()
  const common = useCommonT()
  const navigate = useNavigate({ from: '/people' })
  const [isSetting, { open, close }] = useDisclosure()
  const { id: userId, name, version } = user
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button
        size="xs"
        variant="default"
        aria-label={t('edit', { name })}
        onClick={() => void navigate({ search: { user: userId }, resetScroll: false })}
      >
        {t('editAction')}
      </Button>
      <Button size="xs" variant="default" aria-label={t('setPasswordOf', { name })} onClick={open}>
        {t('setPassword')}
      </Button>
      <Dialog title={t('setPasswordOf', { name })} isOpen={isSetting} onClose={close}>
        <SetPasswordForm of={user} onDone={close} />
      </Dialog>
      <RemoveButton
        label={t('deleteOf', { name })}
        title={common('confirm.delete', { name })}
        text={t('deleteText', { name })}
        remove={() =>
          answer(api.DELETE('/api/v1/users/{userId}', { params: { path: { userId } }, ...ifMatch(`"${version}"`) }))
        }
        queryKey={['users']}
      />
    </Group>
  )
}

function NewUser() {
  const t = useT()
  return <DialogButton label={t('new')}>{(close) => <NewUserForm onDone={close} />}</DialogButton>
}

function NewUserForm({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [grants, setGrants] = useState<Grants>({ role: 'viewer', serviceRoles: {} })
  const create = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/users', { body: { name, password, ...grants } })),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ['users'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  return (
    <DialogForm
      typed={{ name, password, ...grants }}
      action={common('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
    >
      <NameField label={t('name')} description={t('nameHint')} value={name} onChange={setName} error={create.error} />
      <NewPassword value={password} onChange={setPassword} error={create.error} />
      <GrantsFields grants={grants} onChange={setGrants} error={create.error} />
    </DialogForm>
  )
}

/** The user whom the address names, to be changed. */
function EditUser() {
  const t = useT()
  const { user: userId } = useSearch({ from: '/people' })
  const navigate = useNavigate({ from: '/people' })
  const user = useQuery({ ...userQuery(userId ?? ''), enabled: userId !== undefined })
  const close = () => void navigate({ search: {}, resetScroll: false })
  return (
    <Dialog title={t('edit', { name: user.data?.value.name ?? '' })} isOpen={userId !== undefined} onClose={close}>
      <Faces query={user}>{(opened) => <GrantsForm key={opened.value.id} opened={opened} onDone={close} />}</Faces>
    </Dialog>
  )
}

const grantsOf = ({ role, serviceRoles }: User): Grants => ({ role, serviceRoles })

function GrantsForm({ opened, onDone }: { readonly opened: Versioned<User>; readonly onDone: () => void }) {
  const common = useCommonT()
  const queries = useQueryClient()
  const userId = opened.value.id
  const [grants, setGrants] = useState(() => grantsOf(opened.value))
  const save = useSave({
    etag: opened.etag,
    save: (etag) =>
      versioned(api.PATCH('/api/v1/users/{userId}', { params: { path: { userId } }, body: grants, ...ifMatch(etag) })),
    read: () => readUser(userId),
    onSaved() {
      void queries.invalidateQueries({ queryKey: ['users'] })
      // It may be oneself.
      void queries.invalidateQueries({ queryKey: ['me'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  return (
    <SaveForm save={save} fields={grants} fieldsOf={grantsOf} onTake={(theirs) => setGrants(grantsOf(theirs))}>
      <GrantsFields grants={grants} onChange={setGrants} error={save.error} />
    </SaveForm>
  )
}

function SetPasswordForm({ of: { id, name }, onDone }: { readonly of: User; readonly onDone: () => void }) {
  const t = useT()
  const [password, setPassword] = useState('')
  const set = useMutation({
    mutationFn: () =>
      answer(api.PUT('/api/v1/users/{userId}/password', { params: { path: { userId: id } }, body: { password } })),
    onSuccess() {
      notifyDone(t('passwordSet'))
      onDone()
    },
  })
  return (
    <DialogForm typed={password} action={t('setPassword')} change={set} onSubmit={() => set.mutate()}>
      <Text size="sm">{t('setPasswordText', { name })}</Text>
      <NewPassword value={password} onChange={setPassword} error={set.error} />
    </DialogForm>
  )
}

interface NewPasswordProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: Error | null
}

function NewPassword({ value, onChange, error }: NewPasswordProps) {
  const t = useT()
  return (
    <PasswordInput
      label={t('password')}
      description={t('passwordHint')}
      required
      autoComplete="new-password"
      value={value}
      error={fieldError(error, '/password')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
