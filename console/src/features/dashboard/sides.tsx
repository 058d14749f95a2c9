import { Anchor, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import type { TopEntry, TopList } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { useUnits } from '../../i18n/use-units.ts'
import { FigureCell, ShareCell } from './figure-cells.tsx'
import type { Part, Scope } from './queries.ts'
import { refetchMs, type SpanSearch, spanQuery } from './span.ts'
import { useT } from './texts.ts'

/** As many as a split has at most, and some more for stages with several. */
const LIMIT = 50

interface SidesProps {
  readonly scope: Scope
  readonly span: SpanSearch
  readonly part: Part
  readonly onPart: (part: Part) => void
}

/** The sides of splits beside one another, those of a route where one is looked at; nothing where no request took one. */
export function Sides({ scope, span, part, onPart }: SidesProps) {
  const t = useT()
  const { route, key, plan, deployment } = part
  // What is counted of a side is not told apart by these.
  const isTold = key === undefined && plan === undefined && deployment === undefined
  const sides = useRead({ ...sidesQuery(scope, route, span), enabled: isTold })
  const items = isTold ? (sides.data?.items ?? []) : []
  if (items.length === 0) return null
  const all = items.reduce((sum, { calls }) => sum + calls, 0)
  const columns = ['calls', 'failures', 'latencyMean', 'latencyP99', 'backendMean', 'backendP99'] as const
  return (
    <Paper withBorder p="md" component="section" aria-label={t('sidesTitle')}>
      <Stack gap="sm">
        <Title order={2} size="h6">
          {t('sidesTitle')}
        </Title>
        <Table.ScrollContainer minWidth={620} type="native">
          <Table verticalSpacing={6} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('side')}</Table.Th>
                {columns.map((name) => (
                  <Table.Th key={name} ta="right">
                    {t(name)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((entry) => (
                <Side
                  key={`${entry.stage} ${entry.id}`}
                  {...{ entry, all, scope }}
                  onChoose={(side) => onPart({ ...(route !== undefined && { route }), side })}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </Paper>
  )
}

interface SideProps {
  readonly entry: TopEntry
  /** The calls of all sides. */
  readonly all: number
  readonly scope: Scope
  readonly onChoose: (side: string) => void
}

function Side({ entry, all, scope, onChoose }: SideProps) {
  const t = useT()
  const units = useUnits()
  const { id, isOther, stage, calls, failures, latency, backendLatency } = entry
  return (
    <Table.Tr>
      <Table.Td>
        {isOther ? (
          <Text size="sm">{t('others')}</Text>
        ) : (
          <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onChoose(id)}>
            {id}
          </Anchor>
        )}
        {scope.stage === undefined && (
          <Text size="xs" c="dimmed">
            {stage}
          </Text>
        )}
      </Table.Td>
      <ShareCell part={calls} whole={all} />
      <ShareCell part={failures} whole={calls} />
      {[latency.meanMs, latency.p99Ms, backendLatency.meanMs, backendLatency.p99Ms].map((ms, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns are always the same
        <FigureCell key={i}>{units.ms(ms)}</FigureCell>
      ))}
    </Table.Tr>
  )
}

const sidesQuery = ({ service: serviceId, stage: stageId }: Scope, route: string | undefined, span: SpanSearch) =>
  queryOptions({
    queryKey: ['services', serviceId, 'statistics', stageId ?? null, 'sides', spanQuery(span), route ?? null],
    placeholderData: keepPreviousData,
    refetchInterval: refetchMs(span),
    queryFn(): Promise<TopList> {
      const ofRoute = route === undefined ? {} : { route }
      const query = { ...spanQuery(span), by: 'side', limit: LIMIT, ...ofRoute } as const
      return stageId === undefined
        ? answer(api.GET('/api/v1/services/{serviceId}/statistics/top', { params: { path: { serviceId }, query } }))
        : answer(
            api.GET('/api/v1/services/{serviceId}/stages/{stageId}/statistics/top', {
              params: { path: { serviceId, stageId }, query },
            }),
          )
    },
  })
