import { Button, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { Deployment } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { When } from '../../components/when.tsx'
import { Differences } from './deployment-actions.tsx'
import { deploymentsQuery } from './queries.ts'
import { useDeploymentsT } from './texts.ts'

const FROM = '/services/$service/stages/$stage/compare'

/** Any two deployments of a stage, side by side. */
export function ComparePage() {
  const t = useDeploymentsT()
  const { service, stage } = useParams({ from: FROM })
  const deployments = useQuery(deploymentsQuery(service, stage))
  return (
    <Page
      title={t('compare.title')}
      lead={t('compare.lead')}
      crumbs={[{ label: t('history.title'), to: `/services/${service}/stages/${stage}/history` }]}
    >
      <Faces query={deployments} isEmpty={({ length }) => length < 2} empty={<Text>{t('compare.tooFew')}</Text>}>
        {(all) => <Comparison service={service} stage={stage} deployments={all} />}
      </Faces>
    </Page>
  )
}

interface ComparisonProps {
  readonly service: string
  readonly stage: string
  readonly deployments: readonly Deployment[]
}

function Comparison({ service, stage, deployments }: ComparisonProps) {
  const t = useDeploymentsT()
  const search = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const chosen = (given: string | undefined, otherwise: number) =>
    deployments.find(({ number }) => String(number) === given) ?? deployments[otherwise]
  const [from, to] = [chosen(search.from, 1), chosen(search.to, 0)]
  if (from === undefined || to === undefined) return null
  const go = (before: number, after: number) =>
    void navigate({ search: { from: String(before), to: String(after) }, replace: true, resetScroll: false })
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Side
          label={t('compare.from')}
          deployments={deployments}
          chosen={from}
          onChoose={(number) => go(number, to.number)}
        />
        <Side
          label={t('compare.to')}
          deployments={deployments}
          chosen={to}
          onChoose={(number) => go(from.number, number)}
        />
      </SimpleGrid>
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconArrowsExchange size={16} aria-hidden />}
          onClick={() => go(to.number, from.number)}
        >
          {t('compare.swap')}
        </Button>
      </Group>
      <Differences service={service} stage={stage} from={from.number} to={to.number} />
      <Copyable text={`turnpike diff ${service}/${stage} ${from.number} ${to.number}`} />
    </>
  )
}

interface SideProps {
  readonly label: string
  readonly deployments: readonly Deployment[]
  readonly chosen: Deployment
  readonly onChoose: (number: number) => void
}

function Side({ label, deployments, chosen: { number, note, author, createdAt }, onChoose }: SideProps) {
  const t = useDeploymentsT()
  const data = deployments.map((one) => ({
    value: String(one.number),
    label: `${t('live.number', { number: one.number })}${one.note === '' ? '' : ` · ${one.note.slice(0, 60)}`}`,
  }))
  return (
    <Stack gap={4}>
      <Select
        label={label}
        data={data}
        searchable
        value={String(number)}
        onChange={(value) => value !== null && onChoose(Number(value))}
      />
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {author}
        </Text>
        <When at={createdAt} />
      </Group>
      {note !== '' && <Text size="sm">{note}</Text>}
    </Stack>
  )
}
