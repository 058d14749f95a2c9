import { ActionIcon, Group, Select, Stack, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { fieldError } from '../../api/client.ts'
import type { User } from '../../api/model.ts'
import { serviceQuery } from '../services/queries.ts'
import { ServiceName, ServiceSelect } from './service-select.tsx'
import { useT } from './texts.ts'

/** Where somebody may do what. */
export type Grants = Pick<User, 'role' | 'serviceRoles'>

export const roles = ['viewer', 'editor', 'admin'] as const
type Role = (typeof roles)[number]

const isRole = (value: string | null): value is Role => roles.some((role) => role === value)

interface GrantsFieldsProps {
  readonly grants: Grants
  readonly onChange: (grants: Grants) => void
  readonly error: Error | null
}

/** The role everywhere, and those on single services. */
export function GrantsFields({ grants, onChange, error }: GrantsFieldsProps) {
  const t = useT()
  const { role, serviceRoles } = grants
  const setRole = (id: string, next: Role) => onChange({ role, serviceRoles: { ...serviceRoles, [id]: next } })
  const remove = (id: string) =>
    onChange({ role, serviceRoles: Object.fromEntries(Object.entries(serviceRoles).filter(([one]) => one !== id)) })
  return (
    <Stack>
      <Select
        label={t('role')}
        description={t('roleHint')}
        data={[
          { value: 'none', label: t('role.none') },
          ...roles.map((value) => ({ value, label: t(`role.${value}`) })),
        ]}
        value={role ?? 'none'}
        error={fieldError(error, '/role')}
        onChange={(value) => onChange({ role: isRole(value) ? value : null, serviceRoles })}
      />
      <Stack gap="xs" role="group" aria-label={t('serviceRoles')}>
        <Text size="sm" fw={500}>
          {t('serviceRoles')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('serviceRolesHint')}
        </Text>
        {Object.entries(serviceRoles).map(([id, one]) => (
          <ServiceRole key={id} id={id} role={one} onChange={(next) => setRole(id, next)} onRemove={() => remove(id)} />
        ))}
        <ServiceSelect
          label={t('addService')}
          value={null}
          isClearable
          onChange={(service) => {
            if (service !== null) setRole(service.id, serviceRoles[service.id] ?? 'viewer')
          }}
        />
      </Stack>
    </Stack>
  )
}

interface ServiceRoleProps {
  readonly id: string
  readonly role: Role
  readonly onChange: (role: Role) => void
  readonly onRemove: () => void
}

function ServiceRole({ id, role, onChange, onRemove }: ServiceRoleProps) {
  const t = useT()
  const service = useQuery(serviceQuery(id)).data?.value.name ?? id
  return (
    <Group gap="xs" align="end" wrap="nowrap">
      <Select
        label={t('roleOn', { service })}
        data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
        value={role}
        flex={1}
        onChange={(value) => {
          if (isRole(value)) onChange(value)
        }}
      />
      <ActionIcon size={36} variant="default" aria-label={t('removeRole', { service })} onClick={onRemove}>
        <IconX size={16} />
      </ActionIcon>
    </Group>
  )
}

/** What somebody may do, in a word for each place. */
export function GrantsText({ of: { role, serviceRoles } }: { readonly of: Grants }) {
  const t = useT()
  return (
    <Stack gap={0}>
      <Text size="sm" {...(role === null && { c: 'dimmed' })}>
        {t(`role.${role ?? 'none'}`)}
      </Text>
      {Object.entries(serviceRoles).map(([id, one]) => (
        <Text key={id} size="xs" c="dimmed">
          <ServiceName id={id} />: {t(`role.${one}`)}
        </Text>
      ))}
    </Stack>
  )
}
