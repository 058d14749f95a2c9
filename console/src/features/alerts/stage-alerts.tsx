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
import { Page } from '../../components/page.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { serviceQuery } from '../services/queries.ts'
import { useMay } from '../session/me.ts'
import { AlertForm } from './alert-form.tsx'
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
  const close = () => void navigate({ search: {}, replace: true })
  const newRule = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => void navigate({ search: { add: '1' } })}>
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
                  onEdit: ({ name }) => void navigate({ search: { rule: name } }),
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

/** Asks, and deletes a rule. */
function useRemove(serviceId: string, stageId: string): (alert: Alert) => void {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: ({ name: alertName, version }: Alert) =>
      answer(
        api.DELETE('/api/v1/services/{serviceId}/stages/{stageId}/alerts/{alertName}', {
          params: { path: { serviceId, stageId, alertName } },
          ...ifMatch(`"${version}"`),
        }),
      ),
    async onSuccess(_, { name }) {
      notifyDone(t('deleted', { name }))
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['services', serviceId, 'stages', stageId, 'alerts'] }),
        queries.invalidateQueries({ queryKey: ['alerts'] }),
      ])
    },
    onError: notifyFailed,
  })
  return (alert) =>
    confirm({
      title: common('confirm.delete', { name: alert.name }),
      children: <Text size="sm">{t('deleteHint')}</Text>,
      action: common('action.delete'),
      onConfirm: () => remove.mutate(alert),
    })
}
