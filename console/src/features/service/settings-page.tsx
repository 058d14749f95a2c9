import { Card, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { ExportMenu } from '../design/export-menu.tsx'
import { serviceQuery } from '../services/queries.ts'
import { useMay } from '../session/me.ts'
import { AboutService } from './settings-about.tsx'
import { CopyService } from './settings-copy.tsx'
import { DeleteService } from './settings-delete.tsx'
import { useT } from './settings-texts.ts'

/** What concerns a service as a whole. */
export function ServiceSettings() {
  const t = useT()
  const { service: name } = useParams({ from: '/services/$service' })
  const read = useQuery(serviceQuery(name))
  const mayMake = useMay('write')
  const mayWrite = useMay('write', read.data?.value.id)
  return (
    <Page title={t('settings.title')} lead={t('settings.lead')}>
      <Faces query={read}>
        {(service) => (
          <Stack maw={720} gap="lg">
            <Section title={t('settings.about')}>
              {/* Another service is another form. */}
              <AboutService key={service.value.id} service={service} isReadOnly={!mayWrite} />
            </Section>
            <Section title={t('settings.export')}>
              <Text size="sm" c="dimmed">
                {t('settings.exportHint')}
              </Text>
              <div>
                <ExportMenu service={name} />
              </div>
              <Copyable text={`turnpike openapi ${name}`} />
              <Copyable text={`turnpike export ${name}`} />
            </Section>
            {mayMake && (
              <Section title={t('settings.copy')}>
                <CopyService key={service.value.id} name={name} />
              </Section>
            )}
            {mayWrite && (
              <Section title={t('settings.delete')}>
                <DeleteService key={service.value.id} service={service} />
              </Section>
            )}
          </Stack>
        )}
      </Faces>
    </Page>
  )
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Card>
  )
}
