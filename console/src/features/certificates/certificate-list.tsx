import { Group, Stack, Text } from '@mantine/core'
import { IconCertificate, IconUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Copyable } from '../../components/command.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { DialogButton } from '../../components/dialog.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { Section } from '../../components/section.tsx'
import { Tag } from '../../components/tag.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useMay } from '../session/me.ts'
import { Authority } from './authority.tsx'
import { CertificateActions } from './certificate-actions.tsx'
import { CertificateDetails } from './certificate-details.tsx'
import { NewCertificateForm } from './certificate-form.tsx'
import { DaysLeft } from './days-left.tsx'
import { ManagedCertificates, RequestCertificate } from './managed.tsx'
import { type Certificate, certificatesQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Host names of a certificate that are named in the list. */
const NAMED = 3

/** Certificates for HTTPS: those that are there, those that are got by themselves, and the local authority. */
export function CertificateList() {
  const t = useT()
  const mayWrite = useMay('write')
  return (
    <Page title={t('title')} lead={t('lead')} actions={mayWrite ? <Actions /> : undefined}>
      <OnlyFor permission="read">
        <Certificates />
        <ManagedCertificates />
        <Authority />
        <Section title={t('commands')}>
          <Copyable text="turnpike certificates add example.com --chain fullchain.pem --key privkey.pem" />
        </Section>
        <CertificateDetails />
      </OnlyFor>
    </Page>
  )
}

function Actions() {
  const t = useT()
  return (
    <>
      <RequestCertificate />
      <DialogButton label={t('new')} leftSection={<IconUpload size={16} aria-hidden />} dialogSize="lg">
        {(close) => <NewCertificateForm onDone={close} />}
      </DialogButton>
    </>
  )
}

function Certificates() {
  const t = useT()
  const certificates = useQuery(certificatesQuery)
  const mayWrite = useMay('write')
  const columns = [
    { label: t('name'), cell: (one: Certificate) => <Name of={one} /> },
    { label: t('names'), cell: (one: Certificate) => <Names of={one} /> },
    { label: t('expires'), cell: (one: Certificate) => <Expiry of={one} /> },
    { label: t('usedBy'), cell: (one: Certificate) => <UsedBy of={one} /> },
  ]
  const actions = { label: t('change'), isBare: true, cell: (one: Certificate) => <CertificateActions of={one} /> }
  return (
    <Section title={t('uploaded')}>
      <Faces
        query={certificates}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty icon={IconCertificate} title={t('empty')} hint={t('emptyHint')} />}
      >
        {({ items }) => (
          <DataTable
            label={t('uploaded')}
            items={items}
            keyOf={({ id }) => id}
            minWidth={800}
            columns={mayWrite ? [...columns, actions] : columns}
          />
        )}
      </Faces>
    </Section>
  )
}

function Name({ of: { id, name, isDefault } }: { readonly of: Certificate }) {
  const t = useT()
  return (
    <Group gap="xs">
      <TextLink to="/certificates" search={{ certificate: id }} fw={600} size="sm" resetScroll={false}>
        {name}
      </TextLink>
      {isDefault && <Tag size="sm">{t('default')}</Tag>}
    </Group>
  )
}

function Names({ of: { names, addresses } }: { readonly of: Certificate }) {
  const all = [...names, ...addresses]
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {all.slice(0, NAMED).join(', ')}
      {all.length > NAMED && ` +${all.length - NAMED}`}
    </Text>
  )
}

function Expiry({ of: { daysLeft, notAfter } }: { readonly of: Certificate }) {
  return (
    <Stack gap={2} align="start">
      <DaysLeft days={daysLeft} />
      <When at={notAfter} />
    </Stack>
  )
}

function UsedBy({ of: { usedBy } }: { readonly of: Certificate }) {
  const t = useT()
  if (usedBy.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('notUsed')}
      </Text>
    )
  return (
    <Stack gap={0}>
      {usedBy.slice(0, NAMED).map(({ service, stage, host }) => (
        <Text key={host} size="sm">
          {host}{' '}
          <Text span size="xs" c="dimmed">
            {service}/{stage}
          </Text>
        </Text>
      ))}
      {usedBy.length > NAMED && (
        <Text size="xs" c="dimmed">
          +{usedBy.length - NAMED}
        </Text>
      )}
    </Stack>
  )
}
