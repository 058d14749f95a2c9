import { Divider, Stack, Text, Title } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { FormEvent, ReactNode } from 'react'
import { Page } from '../../components/page.tsx'
import { DeleteStage } from './delete-stage.tsx'
import { FormFooter } from './form-footer.tsx'
import { RootPlugins } from './root-plugins.tsx'
import { Addresses } from './settings/addresses.tsx'
import { General } from './settings/general.tsx'
import { History } from './settings/history.tsx'
import { Https } from './settings/https.tsx'
import { settingNames } from './settings/section.ts'
import { Variables } from './settings/variables.tsx'
import { useMayChange } from './stage-list.tsx'
import { useStageT } from './texts.ts'
import { useStageForm } from './use-stage-form.ts'

/** Everything that is set of a stage, but for its backend. */
export function StageSettingsPage() {
  const t = useStageT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const mayWrite = useMayChange(service)
  return (
    <Page title={t('settings.title')} lead={t('settings.lead')}>
      <Settings key={`${service}/${stage}`} service={service} stage={stage} isDisabled={!mayWrite} />
      <RootPlugins service={service} stage={stage} />
      {mayWrite && <DeleteStage service={service} stage={stage} />}
    </Page>
  )
}

interface SettingsProps {
  readonly service: string
  readonly stage: string
  readonly isDisabled: boolean
}

function Settings({ service, stage, isDisabled }: SettingsProps) {
  const t = useStageT()
  const form = useStageForm(service, stage, settingNames)
  const { values, error, set } = form
  const part = { service, stage, values, error, isDisabled, onChange: set }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    form.save()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="lg" maw={760}>
        <Section title={t('settings.general')}>
          <General {...part} />
        </Section>
        <Section title={t('settings.addresses')} lead={t('settings.addressesLead')}>
          <Addresses {...part} />
        </Section>
        <Section title={t('settings.https')}>
          <Https {...part} />
        </Section>
        <Section title={t('settings.variables')} lead={t('settings.variablesLead')}>
          <Variables {...part} />
        </Section>
        <Section title={t('settings.document')}>
          <History {...part} />
        </Section>
        {!isDisabled && <FormFooter form={form} />}
      </Stack>
    </form>
  )
}

interface SectionProps {
  readonly title: string
  readonly lead?: string
  readonly children: ReactNode
}

function Section({ title, lead, children }: SectionProps) {
  return (
    <Stack gap="sm" component="section">
      <Divider />
      <Title order={2} size="h4">
        {title}
      </Title>
      {lead !== undefined && (
        <Text size="sm" c="dimmed">
          {lead}
        </Text>
      )}
      {children}
    </Stack>
  )
}
