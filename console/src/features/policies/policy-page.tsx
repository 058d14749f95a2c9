import { Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, useMemo, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import type { Policy } from '../../api/model.ts'
import { DraftFooter } from '../../components/draft-footer.tsx'
import { Faces } from '../../components/faces.tsx'
import { notifyDone } from '../../components/notify.ts'
import { Page } from '../../components/page.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { useDraft } from '../../components/use-draft.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { useMayWrite } from '../services/may.ts'
import { DeletePolicy } from './delete-policy.tsx'
import { PolicyUses } from './policy-uses.tsx'
import { type PolicySettings, policiesQuery, policyQuery, saveSettings, settingsOf } from './queries.ts'
import { settingsSchema } from './schemas.ts'
import { useT } from './texts.ts'
import { ValueTable } from './value-table.tsx'

const NO_PROBLEMS: readonly FieldProblem[] = []

/** One restriction policy: its settings, its values, and where it is in use. */
export function PolicyPage() {
  const t = useT()
  const { service, policy: name } = useParams({ from: '/services/$service/policies/$policy' })
  const policy = useQuery(policyQuery(service, name))
  const policies = useQuery(policiesQuery(service))
  const schema = policies.data?.schema
  return (
    <Page title={name} crumbs={[{ label: t('policies.title'), to: `/services/${service}/policies` }]}>
      <Faces query={policy}>
        {({ value }) => (
          <Stack gap="xl">
            {schema !== undefined && <ValueTable service={service} policy={value} schema={schema} />}
            {schema !== undefined && (
              <Settings key={name} service={service} policy={value} schema={schema} usedBy={value.usedBy} />
            )}
            <UsedBy uses={value.usedBy} />
          </Stack>
        )}
      </Faces>
    </Page>
  )
}

interface SettingsProps {
  readonly service: string
  readonly policy: Policy
  readonly schema: unknown
  readonly usedBy: readonly string[]
}

function Settings({ service, policy, schema: given, usedBy }: SettingsProps) {
  const t = useT()
  const queries = useQueryClient()
  const mayWrite = useMayWrite(service)
  const schema = useMemo(() => settingsSchema(given), [given])
  const draft = useDraft(settingsOf(policy))
  const [isHeld, setIsHeld] = useState(false)
  // What cannot be a value yet is known to the form alone: it begins anew.
  const [discards, setDiscards] = useState(0)
  useUnsaved(draft.isDirty || isHeld)
  const save = useMutation({
    mutationFn: (before: PolicySettings) => saveSettings(service, policy.name, before, draft.value),
    async onSuccess() {
      notifyDone(t('policy.saved'))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      draft.reset()
    },
  })
  const { error } = save
  const discard = () => {
    draft.reset()
    setDiscards(discards + 1)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isHeld) save.mutate(draft.base)
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={720}>
        <Title order={2} size="h4">
          {t('policy.settings')}
        </Title>
        <SchemaForm
          key={discards}
          schema={schema}
          value={draft.value}
          errors={error instanceof ApiProblem ? error.errors : NO_PROBLEMS}
          disabled={!mayWrite}
          onHold={setIsHeld}
          // The server says what is none.
          onChange={(value) => draft.set(value as PolicySettings)}
        />
        <DraftFooter
          draft={draft}
          saving={save}
          onSave={save.mutate}
          onDiscard={discard}
          isHeld={isHeld}
          isReadOnly={!mayWrite}
          queryKey={['services', service]}
        >
          <DeletePolicy service={service} policy={policy} usedBy={usedBy} />
        </DraftFooter>
      </Stack>
    </form>
  )
}

function UsedBy({ uses }: { readonly uses: readonly string[] }) {
  const t = useT()
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('policy.usedBy')}
      </Title>
      {uses.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('policy.notUsed')}
        </Text>
      ) : (
        <PolicyUses uses={uses} />
      )}
    </Stack>
  )
}
