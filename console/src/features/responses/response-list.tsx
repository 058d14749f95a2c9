import { Anchor, Button, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useConfirm } from '../../components/confirm.tsx'
import { Faces } from '../../components/faces.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { Page } from '../../components/page.tsx'
import { Tag } from '../../components/tag.tsx'
import { useMayWrite } from '../services/may.ts'
import { type ResponseState, responsesQuery, savePreset } from './queries.ts'
import { useT } from './texts.ts'

/** All types of gateway responses, and which of them are redefined. */
export function ResponseList() {
  const t = useT()
  const { service } = useParams({ from: '/services/$service/responses' })
  const responses = useQuery(responsesQuery(service))
  const mayWrite = useMayWrite(service)
  return (
    <Page
      title={t('responses.title')}
      lead={t('responses.lead')}
      actions={
        mayWrite && responses.data !== undefined ? <Presets service={service} etag={responses.data.etag} /> : undefined
      }
    >
      <Faces query={responses}>{({ value }) => <ResponseTable service={service} items={value.items} />}</Faces>
    </Page>
  )
}

function Presets({ service, etag }: { readonly service: string; readonly etag: string }) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (preset: 'envelope' | null) => savePreset(service, preset, etag),
    onSuccess: () => notifyDone(t('responses.done')),
    onError: notifyFailed,
    // What was confirmed was about what was shown: where that has changed, it is shown first.
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
  return (
    <>
      <Button
        variant="default"
        onClick={() =>
          confirm({
            title: t('responses.resetAllQuestion'),
            children: <Text size="sm">{t('responses.resetAllHint')}</Text>,
            action: t('responses.resetAll'),
            onConfirm: () => save.mutate(null),
          })
        }
      >
        {t('responses.resetAll')}
      </Button>
      <Button
        variant="default"
        onClick={() =>
          confirm({
            title: t('responses.envelopeQuestion'),
            children: <Text size="sm">{t('responses.envelopeHint')}</Text>,
            action: t('responses.envelopeAction'),
            onConfirm: () => save.mutate('envelope'),
          })
        }
      >
        {t('responses.envelope')}
      </Button>
    </>
  )
}

function ResponseTable({ service, items }: { readonly service: string; readonly items: readonly ResponseState[] }) {
  const t = useT()
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={72}>{t('responses.status')}</Table.Th>
            <Table.Th>{t('responses.type')}</Table.Th>
            <Table.Th w={116}>{t('responses.state')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ type, defaultStatus, title, redefined }) => (
            <Table.Tr key={type}>
              <Table.Td>{redefined?.status ?? defaultStatus}</Table.Td>
              <Table.Td>
                <Anchor component={Link} to={`/services/${service}/responses/${type}`} fw={600}>
                  {type}
                </Anchor>{' '}
                <Text span size="sm" c="dimmed">
                  {title}
                </Text>
              </Table.Td>
              <Table.Td>
                {redefined === null ? (
                  <Text size="sm" c="dimmed">
                    {t('responses.default')}
                  </Text>
                ) : (
                  <Tag>{t('responses.redefined')}</Tag>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
