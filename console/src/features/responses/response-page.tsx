import { Alert, Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, useMemo, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import type { GatewayResponse } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { DraftFooter } from '../../components/draft-footer.tsx'
import { Faces, NotFound } from '../../components/faces.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { Page } from '../../components/page.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { useDraft } from '../../components/use-draft.ts'
import { OffersProvider } from '../../forms/form-context.tsx'
import { asSchema } from '../../forms/schema.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { pluginsQuery } from '../plugins/queries.ts'
import { useMayWrite } from '../services/may.ts'
import { Preview } from './preview.tsx'
import { type ResponseState, type ResponseType, responsesQuery, saveResponse } from './queries.ts'
import { useT } from './texts.ts'

const NO_PROBLEMS: readonly FieldProblem[] = []
/** What redefines nothing. */
const NOTHING: GatewayResponse = { status: null, headers: {}, bodies: [] }

/** One type of gateway response: how it is redefined, and what comes of it. */
export function ResponsePage() {
  const t = useT()
  const { service, type } = useParams({ from: '/services/$service/responses/$type' })
  const responses = useQuery(responsesQuery(service))
  return (
    <Page title={type} crumbs={[{ label: t('responses.title'), to: `/services/${service}/responses` }]}>
      <Faces query={responses}>
        {({ value }) => {
          const state = value.items.find((one) => one.type === type)
          if (state === undefined) return <NotFound />
          return <ResponseForm key={type} service={service} state={state} schema={value.schema} />
        }}
      </Faces>
    </Page>
  )
}

interface ResponseFormProps {
  readonly service: string
  readonly state: ResponseState
  readonly schema: unknown
}

function ResponseForm({ service, state, schema: given }: ResponseFormProps) {
  const t = useT()
  const queries = useQueryClient()
  const notifyUndo = useNotifyUndo()
  const mayWrite = useMayWrite(service)
  const draft = useDraft<GatewayResponse | null>(state.redefined)
  const [isHeld, setIsHeld] = useState(false)
  // What cannot be a value yet is known to the form alone: it begins anew.
  const [discards, setDiscards] = useState(0)
  // It is one of the list.
  const type = state.type as ResponseType
  const offers = useOffers()
  const schema = useMemo(() => asSchema(given), [given])
  useUnsaved(draft.isDirty || isHeld)
  const save = useMutation({
    mutationFn: ({ before, response }: Change) => saveResponse(service, type, before, response),
    async onSuccess(_, { before, response }) {
      if (response !== null) notifyDone(t('response.saved', { type }))
      else notifyUndo(t('response.wasReset', { type }), () => putBack.mutate(before))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      draft.reset()
    },
  })
  const putBack = useMutation({
    // What has been typed since stays.
    mutationFn: (before: GatewayResponse | null) => saveResponse(service, type, null, before),
    onSuccess: () => notifyDone(t('response.saved', { type })),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
  const { error } = save
  const discard = () => {
    draft.reset()
    setDiscards(discards + 1)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isHeld) save.mutate({ before: draft.base, response: draft.value })
  }
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <form onSubmit={submit} noValidate>
        <Stack>
          {draft.value === null && (
            <Alert icon={<IconInfoCircle aria-hidden />} color="gray">
              <Text size="sm">{t('response.isDefault')}</Text>
            </Alert>
          )}
          <OffersProvider value={offers}>
            <SchemaForm
              key={discards}
              schema={schema}
              value={draft.value ?? NOTHING}
              errors={error instanceof ApiProblem ? error.errors : NO_PROBLEMS}
              disabled={!mayWrite}
              onHold={setIsHeld}
              // The server says what is none.
              onChange={(value) => draft.set(value as GatewayResponse)}
            />
          </OffersProvider>
          <DraftFooter
            draft={draft}
            saving={save}
            onSave={(before) => save.mutate({ before, response: draft.value })}
            onDiscard={discard}
            isHeld={isHeld}
            isReadOnly={!mayWrite}
            queryKey={['services', service]}
          >
            {state.redefined === null ? (
              <span />
            ) : (
              <Reset
                type={type}
                wouldLose={draft.isDirty || isHeld}
                onReset={() => save.mutate({ before: draft.base, response: null })}
              />
            )}
          </DraftFooter>
        </Stack>
      </form>
      <Preview service={service} type={type} response={draft.value} />
    </SimpleGrid>
  )
}

interface Change {
  readonly before: GatewayResponse | null
  readonly response: GatewayResponse | null
}

interface ResetProps {
  readonly type: string
  /** Whether something was typed that is not saved: nothing brings that back. */
  readonly wouldLose: boolean
  readonly onReset: () => void
}

/** Brings the default back. What was saved can be put back; what was not, asks first. */
function Reset({ type, wouldLose, onReset }: ResetProps) {
  const t = useT()
  const confirm = useConfirm()
  const ask = () =>
    confirm({
      title: t('response.resetQuestion', { type }),
      children: <Text size="sm">{t('response.resetHint')}</Text>,
      action: t('response.reset'),
      onConfirm: onReset,
    })
  return (
    <Button variant="subtle" color="red" onClick={wouldLose ? ask : onReset}>
      {t('response.reset')}
    </Button>
  )
}

/** A gateway response answers on every path: none of their variables can be relied on. */
function useOffers() {
  const { data } = useQuery(pluginsQuery)
  return useMemo(
    () => ({
      variables: (data?.variables ?? []).filter(({ name }) => !name.startsWith('request.path.')),
      policies: [],
    }),
    [data],
  )
}
