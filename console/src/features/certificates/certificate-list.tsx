import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCertificate, IconUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import { Copyable } from '../../components/command.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Dialog, DialogButton } from '../../components/dialog.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { Facts } from '../../components/facts.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { RemoveButton } from '../../components/remove-button.tsx'
import { Section } from '../../components/section.tsx'
import { Tag } from '../../components/tag.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useMay } from '../session/me.ts'
import { Authority } from './authority.tsx'
import { EditCertificateForm, NewCertificateForm } from './certificate-form.tsx'
import { DaysLeft } from './days-left.tsx'
import { ManagedCertificates, RequestCertificate } from './managed.tsx'
import { type Certificate, certificateQuery, certificatesQuery } from './queries.ts'
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
        <Details />
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
  const actions = { label: t('change'), isBare: true, cell: (one: Certificate) => <RowActions of={one} /> }
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

function RowActions({ of: { id, name, version } }: { readonly of: Certificate }) {
  const t = useT()
  const common = useCommonT()
  const [isChanging, { open, close }] = useDisclosure()
  const params = { path: { certificateId: id } }
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button size="xs" variant="default" aria-label={t('changeOf', { name })} onClick={open}>
        {t('change')}
      </Button>
      <Dialog title={t('changeOf', { name })} isOpen={isChanging} onClose={close} size="lg">
        <EditCertificate id={id} onDone={close} />
      </Dialog>
      <RemoveButton
        label={t('deleteOf', { name })}
        title={common('confirm.delete', { name })}
        text={t('deleteText')}
        remove={() =>
          answer(api.DELETE('/api/v1/certificates/{certificateId}', { params, ...ifMatch(`"${version}"`) }))
        }
        queryKey={['certificates']}
      />
    </Group>
  )
}

function EditCertificate({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const certificate = useQuery(certificateQuery(id))
  return <Faces query={certificate}>{(opened) => <EditCertificateForm opened={opened} onDone={onDone} />}</Faces>
}

/** Everything that the certificate says that the address names. */
function Details() {
  const t = useT()
  const common = useCommonT()
  const { certificate: id } = useSearch({ from: '/certificates' })
  const navigate = useNavigate({ from: '/certificates' })
  const certificate = useQuery({ ...certificateQuery(id ?? ''), enabled: id !== undefined })
  return (
    <Modal
      opened={id !== undefined}
      onClose={() => void navigate({ search: {}, resetScroll: false })}
      size="xl"
      title={t('details', { name: certificate.data?.value.name ?? '' })}
      closeButtonProps={{ 'aria-label': common('action.close') }}
    >
      <Faces query={certificate}>
        {({ value: one }) => (
          <Stack>
            <Facts
              facts={[
                [t('names'), [...one.names, ...one.addresses].join(', ')],
                [t('subject'), one.subject],
                [t('issuer'), one.issuer],
                [t('source'), t(`source.${one.source}`)],
                [t('valid'), <When key="valid" at={one.notBefore} />],
                [t('expires'), <When key="expires" at={one.notAfter} />],
                [t('keyType'), one.keyType],
                [t('serial'), one.serialNumber],
              ]}
            />
            <Stack gap={4}>
              <Text size="xs" c="dimmed">
                {t('fingerprint')}
              </Text>
              <Copyable text={one.fingerprint} />
            </Stack>
          </Stack>
        )}
      </Faces>
    </Modal>
  )
}
