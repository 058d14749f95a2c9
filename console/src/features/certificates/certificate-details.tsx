import { Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Facts } from '../../components/facts.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { certificateQuery } from './queries.ts'
import { useT } from './texts.ts'

/** Everything that the certificate says that the address names. */
export function CertificateDetails() {
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
