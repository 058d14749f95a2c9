import { Button, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Faces } from '../../components/faces.tsx'
import { Section } from '../../components/section.tsx'
import { authorityQuery } from './queries.ts'
import { useT } from './texts.ts'

/** The authority of this installation, which clients can be told to trust. */
export function Authority() {
  const t = useT()
  const authority = useQuery(authorityQuery)
  return (
    <Section title={t('authority')} lead={t('authorityLead')}>
      <Faces query={authority}>
        {(certificate) =>
          certificate === null ? (
            <Text size="sm">{t('noAuthority')}</Text>
          ) : (
            <Button
              component="a"
              href={`data:application/x-pem-file,${encodeURIComponent(certificate)}`}
              download="turnpike-authority.pem"
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              style={{ alignSelf: 'start' }}
            >
              {t('download')}
            </Button>
          )
        }
      </Faces>
    </Section>
  )
}
