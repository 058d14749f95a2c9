import { Group, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { fieldError } from '../../api/client.ts'
import { DraftFooter } from '../../components/draft-footer.tsx'
import { Faces } from '../../components/faces.tsx'
import { JsonEditor } from '../../components/json-editor.tsx'
import { notifyDone } from '../../components/notify.ts'
import { Page } from '../../components/page.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { useDraft } from '../../components/use-draft.ts'
import { parseJson, writeJson } from '../../forms/json-text.ts'
import { useMayWrite } from '../services/may.ts'
import { DeleteModel } from './delete-model.tsx'
import { ModelUses, type Uses } from './model-uses.tsx'
import { PropertyTable } from './property-table.tsx'
import { contentOf, type ModelContent, modelQuery, saveModel } from './queries.ts'
import { useT } from './texts.ts'

const dialects = ['2020-12', 'draft-07', 'draft-04'] as const

/** One model: its schema as a table of properties and as JSON, and what refers to it. */
export function ModelPage() {
  const t = useT()
  const { service, model: name } = useParams({ from: '/services/$service/models/$model' })
  const model = useQuery(modelQuery(service, name))
  return (
    <Page title={name} crumbs={[{ label: t('models.title'), to: `/services/${service}/models` }]}>
      <Faces query={model}>
        {({ value }) => (
          <Stack gap="xl">
            <ModelForm key={name} service={service} name={name} content={contentOf(value)} usedBy={value.usedBy} />
            <UsedBy uses={value.usedBy} />
          </Stack>
        )}
      </Faces>
    </Page>
  )
}

interface ModelFormProps {
  readonly service: string
  readonly name: string
  readonly content: ModelContent
  readonly usedBy: Uses
}

function ModelForm({ service, name, content, usedBy }: ModelFormProps) {
  const t = useT()
  const queries = useQueryClient()
  const mayWrite = useMayWrite(service)
  const draft = useDraft(content)
  // The text is the writer's own while it is typed; the schema is what it says.
  const [typed, setTyped] = useState<string | null>(null)
  const parsed = typed === null ? { value: draft.value.schema } : parseJson(typed)
  const fault = 'fault' in parsed ? parsed.fault : null
  useUnsaved(draft.isDirty || fault !== null)
  const reset = () => {
    draft.reset()
    setTyped(null)
  }
  const save = useMutation({
    mutationFn: (before: ModelContent) => saveModel(service, name, before, draft.value),
    async onSuccess() {
      notifyDone(t('model.saved'))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      reset()
    },
  })
  const setSchema = (schema: unknown) =>
    // The server says what is no schema.
    draft.set({ ...draft.value, schema: (schema ?? {}) as ModelContent['schema'] })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (fault === null) save.mutate(draft.base)
  }
  const { error } = save
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Group align="start" grow preventGrowOverflow={false}>
          <Textarea
            label={t('models.description')}
            autosize
            minRows={1}
            miw={240}
            readOnly={!mayWrite}
            value={draft.value.description}
            error={fieldError(error, '/description')}
            onChange={(event) => draft.set({ ...draft.value, description: event.currentTarget.value })}
          />
          <NativeSelect
            label={t('models.dialect')}
            maw={200}
            disabled={!mayWrite}
            data={[...dialects]}
            value={draft.value.dialect}
            onChange={({ currentTarget: { value } }) =>
              draft.set({ ...draft.value, dialect: dialects.find((one) => one === value) ?? '2020-12' })
            }
          />
        </Group>
        <PropertyTable
          service={service}
          schema={draft.value.schema}
          isReadOnly={!mayWrite || fault !== null}
          onChange={(schema) => {
            setTyped(null)
            setSchema(schema)
          }}
        />
        <JsonEditor
          label={t('model.schema')}
          value={typed ?? writeJson(draft.value.schema)}
          readOnly={!mayWrite}
          error={fault === null ? schemaError(error) : t('model.notJson', { fault })}
          onChange={(text) => {
            setTyped(text)
            const next = parseJson(text)
            if (!('fault' in next)) setSchema(next.value)
          }}
        />
        <DraftFooter
          draft={draft}
          saving={save}
          onSave={save.mutate}
          onDiscard={reset}
          isHeld={fault !== null}
          isReadOnly={!mayWrite}
          queryKey={['services', service]}
        >
          <DeleteModel service={service} name={name} usedBy={usedBy} />
        </DraftFooter>
      </Stack>
    </form>
  )
}

/** The first problem with the schema: all of them are told below. */
function schemaError(error: Error | null): string | undefined {
  return fieldError(error, '/schema')
}

function UsedBy({ uses }: { readonly uses: Uses }) {
  const t = useT()
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('model.usedBy')}
      </Title>
      {uses.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('model.notUsed')}
        </Text>
      ) : (
        <ModelUses uses={uses} />
      )}
    </Stack>
  )
}
