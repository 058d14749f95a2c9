import { Button, List, Select, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api } from '../../api/client.ts'
import type { Plan, PlanStage } from '../../api/model.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Dialog, DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Failed, Loading } from '../../components/faces.tsx'
import { notifyDone } from '../../components/notify.ts'
import { Section } from '../../components/section.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { useUndoable } from '../../components/use-undoable.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { keysQuery } from '../keys/queries.ts'
import { ServiceSelect } from '../people/service-select.tsx'
import { useMay } from '../session/me.ts'
import { stagesQuery } from '../stage/queries.ts'
import { useT } from './texts.ts'

/** Keys that are named where they are in the way. */
const NAMED = 10

interface PlanStagesProps {
  readonly plan: Plan
  readonly stages: readonly PlanStage[]
}

/** The stages that a plan is connected to. */
export function PlanStages({ plan, stages }: PlanStagesProps) {
  const t = useT()
  const mayWrite = useMay('write')
  const columns = [
    {
      label: t('stage'),
      cell: ({ service, stage }: PlanStage) => (
        <TextLink to="/services/$service/stages/$stage" params={{ service, stage }} fw={600} size="sm">
          {service}/{stage}
        </TextLink>
      ),
    },
    {
      label: t('keys'),
      cell: ({ stageId, subscriptions }: PlanStage) => (
        <TextLink to="/keys" search={{ plan: plan.name, stageId }} size="sm">
          {t('keyCount', { count: subscriptions })}
        </TextLink>
      ),
    },
  ]
  const actions = {
    label: t('disconnect'),
    isBare: true,
    cell: (stage: PlanStage) => <Disconnect plan={plan} stage={stage} />,
  }
  return (
    <Section
      title={t('stages')}
      lead={stages.length === 0 ? t('noStages') : t('stagesLead')}
      actions={mayWrite ? <Connect plan={plan} /> : undefined}
    >
      {stages.length > 0 && (
        <DataTable
          label={t('stages')}
          items={stages}
          keyOf={({ stageId }) => stageId}
          minWidth={420}
          columns={mayWrite ? [...columns, actions] : columns}
        />
      )}
    </Section>
  )
}

/** Ends a connection, which can be made again; where keys are in the way, it says which. */
function Disconnect({ plan, stage: one }: { readonly plan: Plan; readonly stage: PlanStage }) {
  const t = useT()
  const queries = useQueryClient()
  const [isBlocked, { open, close }] = useDisclosure()
  const stage = `${one.service}/${one.stage}`
  const at = '/api/v1/plans/{planId}/stages/{service}/{stage}'
  const params = { path: { planId: plan.id, service: one.service, stage: one.stage } }
  const disconnect = useUndoable({
    take: () => answer(api.DELETE(at, { params })),
    putBack: () => answer(api.PUT(at, { params })),
    said: { taken: t('disconnected', { stage }), back: t('connectedAgain', { stage }) },
    read: () => queries.invalidateQueries({ queryKey: ['plans'] }),
  })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={disconnect.isPending}
        aria-label={t('disconnectOf', { stage })}
        onClick={() => (one.subscriptions === 0 ? disconnect.mutate() : open())}
      >
        {t('disconnect')}
      </Button>
      <Dialog title={t('inTheWay', { stage })} isOpen={isBlocked} onClose={close}>
        <InTheWay plan={plan} stage={one} />
      </Dialog>
    </>
  )
}

function InTheWay({ plan, stage: { stageId, subscriptions } }: { readonly plan: Plan; readonly stage: PlanStage }) {
  const t = useT()
  const keys = useInfiniteQuery(keysQuery({ plan: plan.name, stageId }))
  if (keys.data === undefined)
    return keys.error === null ? <Loading /> : <Failed error={keys.error} onRetry={() => void keys.refetch()} />
  const named = keys.data.pages.flatMap(({ items }) => items).slice(0, NAMED)
  return (
    <Stack gap="xs">
      <Text size="sm">{t('inTheWayText')}</Text>
      <List size="sm">
        {named.map(({ id, name }) => (
          <List.Item key={id}>
            <TextLink to="/keys/$key" params={{ key: id }} size="sm">
              {name}
            </TextLink>
          </List.Item>
        ))}
      </List>
      {subscriptions > named.length && (
        <TextLink to="/keys" search={{ plan: plan.name, stageId }} size="sm">
          {t('allOfThem', { count: subscriptions })}
        </TextLink>
      )}
    </Stack>
  )
}

function Connect({ plan }: { readonly plan: Plan }) {
  const t = useT()
  return (
    <DialogButton size="xs" label={t('connect')} leftSection={<IconPlus size={14} aria-hidden />}>
      {(close) => <ConnectForm plan={plan} onDone={close} />}
    </DialogButton>
  )
}

function ConnectForm({ plan, onDone }: { readonly plan: Plan; readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const [service, setService] = useState<string | null>(null)
  const [stage, setStage] = useState<string | null>(null)
  const stages = useQuery({ ...stagesQuery(service ?? ''), enabled: service !== null })
  const connect = useMutation({
    mutationFn: (address: { readonly service: string; readonly stage: string }) =>
      answer(
        api.PUT('/api/v1/plans/{planId}/stages/{service}/{stage}', {
          params: { path: { planId: plan.id, ...address } },
        }),
      ),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ['plans'] })
      notifyDone(common('state.saved'))
      onDone()
    },
  })
  return (
    <DialogForm
      typed={{ service, stage }}
      action={t('connectAction')}
      change={{ ...connect, error: connect.error ?? stages.error }}
      onSubmit={() => {
        if (service !== null && stage !== null) connect.mutate({ service, stage })
      }}
      isReady={stage !== null}
    >
      <ServiceSelect
        label={t('service')}
        value={service}
        onChange={(next) => {
          setService(next?.id ?? null)
          setStage(null)
        }}
      />
      <Select
        label={t('stage')}
        data={stages.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        value={stage}
        required
        disabled={service === null}
        onChange={setStage}
      />
    </DialogForm>
  )
}
