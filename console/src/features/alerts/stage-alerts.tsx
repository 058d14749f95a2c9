import { Button, Stack, Text } from '@mantine/core'
import { IconBell, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import type { Alert } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { Page } from '../../components/page.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { serviceQuery } from '../services/queries.ts'
import { useMay } from '../session/me.ts'
import { AlertForm, fieldsOf } from './alert-form.tsx'
import { AlertTable } from './alert-table.tsx'
import { stageAlertsQuery } from './queries.ts'
import { byUrgency } from './rule-words.ts'
import { useT } from './texts.ts'

const FROM = '/services/$service/stages/$stage/alerts'

/** The alert rules of a stage. */
export function StageAlerts() {
  const t = useT()
  const { service, stage } = useParams({ from: FROM })
  const { rule, add } = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const found = useQuery(serviceQuery(service))
  const mayWrite = useMay('write', found.data?.value.id)
  const alerts = useQuery(stageAlertsQuery(service, stage))
  const remove = useRemove(service, stage)
  const items = alerts.data?.items ?? []
  const edited = items.find(({ name }) => name === rule)
  const isOpen = mayWrite && (add !== undefined || edited !== undefined)
  const close = () => void navigate({ search: {}, replace: true, resetScroll: false })
  const newRule = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => void navigate({ search: { add: '1' }, resetScroll: false })}
    >
      {t('new')}
    </Button>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={mayWrite && items.length > 0 ? newRule : undefined}>
      <Faces
        query={alerts}
        isEmpty={(list) => list.items.length === 0}
        empty={
          <Empty icon={IconBell} title={t('empty')} hint={t('emptyHint')}>
            {mayWrite && newRule}
          </Empty>
        }
      >
        {(list) => (
          <Stack>
            <AlertTable
              alerts={byUrgency(list.items)}
              isOfAll={false}
              {...(mayWrite && {
                actions: {
                  onEdit: ({ name }) => void navigate({ search: { rule: name }, resetScroll: false }),
                  onDelete: remove,
                },
              })}
            />
            <Stack gap={4}>
              <Text size="xs" c="dimmed">
                {t('asCommand')}
              </Text>
              <Copyable text={`turnpike alerts list ${service}/${stage}`} />
            </Stack>
          </Stack>
        )}
      </Faces>
      <Dialog isOpen={isOpen} onClose={close} size="lg" title={t(add === undefined ? 'edit' : 'new')}>
        <AlertForm
          key={edited?.name ?? ''}
          alert={edited ?? null}
          names={items.map(({ name }) => name)}
          onDone={close}
          {...{ service, stage }}
        />
      </Dialog>
    </Page>
  )
}

/** Deletes a rule, and puts it back if one likes; one with a secret, which nobody can read, asks first. */
function useRemove(serviceId: string, stageId: string): (alert: Alert) => void {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const notifyUndo = useNotifyUndo()
  const queries = useQueryClient()
  const at = '/api/v1/services/{serviceId}/stages/{stageId}/alerts/{alertName}'
  const params = ({ name }: Alert) => ({ path: { serviceId, stageId, alertName: name } })
  const read = async () => {
    await queries.invalidateQueries({ queryKey: ['services', serviceId, 'stages', stageId, 'alerts'] })
    await queries.invalidateQueries({ queryKey: ['alerts'] })
  }
  const putBack = useMutation({
    // Only where nobody has made another one of its name.
    mutationFn: (alert: Alert) =>
      answer(api.PUT(at, { params: params(alert), body: fieldsOf(alert), ...ifMatch('"0"') })),
    onSuccess: () => notifyDone(t('saved')),
    onError: notifyFailed,
    onSettled: read,
  })
  const remove = useMutation({
    mutationFn: (alert: Alert) => answer(api.DELETE(at, { params: params(alert), ...ifMatch(`"${alert.version}"`) })),
    onSuccess(_, alert) {
      const said = t('deleted', { name: alert.name })
      if (alert.hasSecret) notifyDone(said)
      else notifyUndo(said, () => putBack.mutate(alert))
    },
    onError: notifyFailed,
    onSettled: read,
  })
  return (alert) => {
    if (!alert.hasSecret) remove.mutate(alert)
    else
      confirm({
        title: common('confirm.delete', { name: alert.name }),
        children: <Text size="sm">{t('deleteHint')}</Text>,
        action: common('action.delete'),
        onConfirm: () => remove.mutate(alert),
      })
  }
}
