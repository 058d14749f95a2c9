import { Button, Group, NumberInput, Paper, Progress, Stack, Table, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned } from '../../api/client.ts'
import type { CanaryWithSides, Stage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { When } from '../../components/when.tsx'
import { useLocale } from '../../i18n/index.tsx'
import { useMayChange } from '../stage/stage-list.tsx'
import { useDeploymentsT } from './texts.ts'
import { useCanary } from './use-canary.ts'
import { useStageChange } from './use-stage-change.ts'

interface CanaryPanelProps {
  readonly service: string
  readonly stage: Versioned<Stage>
}

/** The canary that runs, if one does: what both sides do, its share, and its end. */
export function CanaryPanel({ service, stage }: CanaryPanelProps) {
  const t = useDeploymentsT()
  const canary = useCanary(service, stage.value.name)
  const mayWrite = useMayChange(service)
  if (canary === undefined || canary === null) return null
  const { deployment, share, startedAt, sides } = canary.value
  return (
    <Paper withBorder p="md" component="section">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4">
            {t('canary.title', { number: deployment })}
          </Title>
          <Group gap={6}>
            <Text size="sm" c="dimmed">
              {t('canary.since')}
            </Text>
            <When at={startedAt} />
          </Group>
        </Group>
        <Text size="sm">{t('canary.state', { share, key: keyText(t, canary.value) })}</Text>
        <Progress value={share} aria-label={t('canary.share')} />
        {sides !== null && <Sides sides={sides} number={deployment} />}
        {mayWrite && <Controls key={share} service={service} stage={stage} share={share} number={deployment} />}
      </Stack>
    </Paper>
  )
}

function keyText(t: ReturnType<typeof useDeploymentsT>, { by, name }: CanaryWithSides): string {
  return by === 'client-ip' ? t('canary.by.client-ip') : `${t(`canary.by.${by}`)} ${name ?? ''}`
}

type SideTotals = NonNullable<CanaryWithSides['sides']>['live']

/** What each side has done since it started: side by side. */
function Sides({ sides, number }: { readonly sides: NonNullable<CanaryWithSides['sides']>; readonly number: number }) {
  const t = useDeploymentsT()
  const { language } = useLocale()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const whole = new Intl.NumberFormat(language)
  const share = (part: number, { calls }: SideTotals) =>
    `${whole.format(part)}${calls === 0 ? '' : ` (${percent.format(part / calls)})`}`
  const average = ({ totalMs, calls }: SideTotals) => (calls === 0 ? '–' : `${(totalMs / calls).toFixed(1)} ms`)
  const rows: readonly [string, SideTotals][] = [
    [t('canary.liveSide'), sides.live],
    [t('canary.canarySide', { number }), sides.canary],
  ]
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('canary.side')}</Table.Th>
            {(['calls', 'clientErrors', 'serverErrors', 'aborted', 'average'] as const).map((name) => (
              <Table.Th key={name} ta="end">
                {t(`canary.${name}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([label, side]) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              <Table.Td ta="end">{whole.format(side.calls)}</Table.Td>
              <Table.Td ta="end">{share(side.clientErrors, side)}</Table.Td>
              <Table.Td ta="end">{share(side.serverErrors, side)}</Table.Td>
              <Table.Td ta="end">{share(side.aborted, side)}</Table.Td>
              <Table.Td ta="end">{average(side)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

interface ControlsProps extends CanaryPanelProps {
  readonly share: number
  readonly number: number
}

/** Another share, for all callers, or for none. */
function Controls({ service, stage, share, number }: ControlsProps) {
  const t = useDeploymentsT()
  const confirm = useConfirm()
  const [wanted, setWanted] = useState(share)
  const { update, promote, abort } = useCanaryChanges(service, stage, number)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    update.mutate(wanted)
  }
  return (
    <Stack gap="sm">
      <Group align="end" justify="space-between" gap="sm">
        <form onSubmit={submit}>
          <Group align="end" gap="xs">
            <NumberInput
              label={t('canary.share')}
              suffix=" %"
              min={0}
              max={100}
              decimalScale={2}
              w={120}
              value={wanted}
              error={fieldError(update.error, '/share')}
              onChange={(value) => setWanted(Number(value))}
            />
            <Button type="submit" variant="default" loading={update.isPending} disabled={wanted === share}>
              {t('canary.setShare')}
            </Button>
          </Group>
        </form>
        <Group gap="xs">
          <Button loading={promote.isPending} onClick={() => promote.mutate()}>
            {t('canary.promote')}
          </Button>
          <Button
            variant="default"
            loading={abort.isPending}
            onClick={() =>
              confirm({
                title: t('canary.abortTitle'),
                children: <Text size="sm">{t('canary.abortWhat', { number })}</Text>,
                action: t('canary.abort'),
                onConfirm: () => abort.mutate(),
              })
            }
          >
            {t('canary.abort')}
          </Button>
        </Group>
      </Group>
      <ProblemAlert error={update.error ?? promote.error ?? abort.error} title={t('canary.failed')} />
      <Copyable text={`turnpike canary show ${service}/${stage.value.name}`} />
    </Stack>
  )
}

function useCanaryChanges(serviceId: string, seen: Versioned<Stage>, number: number) {
  const t = useDeploymentsT()
  const at = (etag: string) => ({
    params: { path: { serviceId, stageId: seen.value.name } },
    ...ifMatch(etag),
  })
  const base = { service: serviceId, seen }
  const path = '/api/v1/services/{serviceId}/stages/{stageId}/canary'
  return {
    update: useStageChange({
      ...base,
      change: (etag, share: number) => answer(api.PATCH(path, { ...at(etag), body: { share } })),
    }),
    promote: useStageChange({
      ...base,
      change: (etag) => answer(api.POST(`${path}/promote`, at(etag))),
      onDone: () => notifyDone(t('canary.promoted', { number })),
    }),
    abort: useStageChange({
      ...base,
      change: (etag) => answer(api.DELETE(path, at(etag))),
      onDone: () => notifyDone(t('canary.wasAborted', { number })),
    }),
  }
}
