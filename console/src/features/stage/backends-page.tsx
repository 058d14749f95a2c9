import { Button, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import type { Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { asSchema } from '../../forms/schema.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { FormFooter } from './form-footer.tsx'
import { schemasQuery } from './queries.ts'
import { useMayChange } from './stage-list.tsx'
import { TargetHealth } from './target-health.tsx'
import { useStageT } from './texts.ts'
import { useStageForm } from './use-stage-form.ts'

type Backend = NonNullable<Stage['backend']>

/** What a stage forwards requests to: a URL, or all that can be set of it; and how its targets are. */
export function BackendsPage() {
  const t = useStageT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  return (
    <Page title={t('backend.title')} lead={t('backend.lead')}>
      <BackendForm key={`${service}/${stage}`} service={service} stage={stage} />
      <Stack gap="xs" component="section">
        <Title order={2} size="h4">
          {t('backend.health')}
        </Title>
        <TargetHealth service={service} stage={stage} />
      </Stack>
      <Copyable text={`turnpike backends ${service}/${stage}`} />
    </Page>
  )
}

/** Whether a URL says all of a backend. */
function isSimple(backend: Backend | null): boolean {
  if (backend === null) return true
  const [only, ...others] = backend.targets
  return others.length === 0 && only?.weight === 1 && Object.keys(backend).length === 1
}

function BackendForm({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useStageT()
  const form = useStageForm(service, stage, ['backend'])
  const mayWrite = useMayChange(service)
  const { backend } = form.values
  const [wantsAll, setWantsAll] = useState(false)
  const [isHeld, setIsHeld] = useState(false)
  const showsAll = wantsAll || !isSimple(backend)
  const set = (next: Backend | null) => form.set({ backend: next })
  const errors = errorsBelow(form.error, '/backend')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    form.save()
  }
  return (
    <form onSubmit={submit}>
      <Stack maw={760}>
        <Switch
          label={t('backend.all')}
          checked={showsAll}
          disabled={!isSimple(backend)}
          onChange={(event) => setWantsAll(event.currentTarget.checked)}
        />
        {showsAll ? (
          <AllOfIt backend={backend} errors={errors} isDisabled={!mayWrite} onChange={set} onHold={setIsHeld} />
        ) : (
          <OneUrl backend={backend} errors={errors} isDisabled={!mayWrite} onChange={set} />
        )}
        {mayWrite && <FormFooter form={form} isHeld={isHeld} />}
      </Stack>
    </form>
  )
}

interface BackendFieldsProps {
  readonly backend: Backend | null
  readonly errors: readonly FieldProblem[]
  readonly isDisabled: boolean
  readonly onChange: (backend: Backend | null) => void
}

function OneUrl({ backend, errors, isDisabled, onChange }: BackendFieldsProps) {
  const t = useStageT()
  return (
    <TextInput
      label={t('field.backendUrl')}
      description={t('field.backendUrlHint')}
      placeholder="http://127.0.0.1:3000"
      value={backend?.targets[0]?.url ?? ''}
      disabled={isDisabled}
      error={errors[0]?.message}
      onChange={({ currentTarget: { value: url } }) => onChange(url === '' ? null : { targets: [{ url, weight: 1 }] })}
    />
  )
}

/** Everything, by the API's own schema. */
function AllOfIt({
  backend,
  errors,
  isDisabled,
  onChange,
  onHold,
}: BackendFieldsProps & { readonly onHold: (isHeld: boolean) => void }) {
  const t = useStageT()
  const schemas = useQuery(schemasQuery)
  return (
    <Faces query={schemas}>
      {({ Backend: schema }) => (
        <Stack>
          <SchemaForm
            schema={asSchema(schema)}
            value={backend ?? { targets: [] }}
            errors={errors}
            disabled={isDisabled}
            // What the form makes is of the schema, or the server says what is not.
            onChange={(value) => onChange(value as Backend)}
            onHold={onHold}
          />
          {backend !== null && !isDisabled && (
            <Group>
              <Button variant="default" size="xs" onClick={() => onChange(null)}>
                {t('backend.remove')}
              </Button>
              <Text size="xs" c="dimmed">
                {t('backend.removeHint')}
              </Text>
            </Group>
          )}
        </Stack>
      )}
    </Faces>
  )
}

/** What the server says is wrong below a field, with paths from there. */
export function errorsBelow(error: Error | null, path: string): readonly FieldProblem[] {
  if (!(error instanceof ApiProblem)) return NONE
  return error.errors
    .filter((one) => one.path === path || one.path.startsWith(`${path}/`))
    .map((one) => ({ ...one, path: one.path.slice(path.length) }))
}

const NONE: readonly FieldProblem[] = []
