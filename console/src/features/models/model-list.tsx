import { Anchor, Table, Text, TextInput } from '@mantine/core'
import { IconBraces, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Empty, Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { useMayWrite } from '../services/may.ts'
import { NewModel } from './new-model.tsx'
import { modelsQuery } from './queries.ts'
import { useT } from './texts.ts'

/** The models of a service. */
export function ModelList() {
  const t = useT()
  const common = useCommonT()
  const { service } = useParams({ from: '/services/$service/models' })
  const { q = '' } = useSearch({ from: '/services/$service/models' })
  const navigate = useNavigate({ from: '/services/$service/models' })
  const models = useQuery(modelsQuery(service))
  const mayWrite = useMayWrite(service)
  const create = mayWrite ? <NewModel service={service} /> : undefined
  return (
    <Page title={t('models.title')} lead={t('models.lead')} actions={create}>
      <Faces
        query={models}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty icon={IconBraces} title={t('models.empty')} hint={t('models.emptyHint')} />}
      >
        {({ items }) => {
          const found = items.filter(({ name, description }) =>
            `${name} ${description}`.toLowerCase().includes(q.toLowerCase()),
          )
          return (
            <>
              <TextInput
                aria-label={common('action.search')}
                placeholder={common('action.search')}
                leftSection={<IconSearch size={16} aria-hidden />}
                maw={360}
                value={q}
                onChange={({ currentTarget: { value } }) =>
                  void navigate({ search: value === '' ? {} : { q: value }, replace: true, resetScroll: false })
                }
              />
              {found.length === 0 ? (
                <Empty
                  icon={IconSearch}
                  title={common('state.nothingFound')}
                  hint={common('state.nothingFoundFor', { text: q })}
                />
              ) : (
                <ModelTable service={service} models={found} />
              )}
            </>
          )
        }}
      </Faces>
    </Page>
  )
}

interface ModelTableProps {
  readonly service: string
  readonly models: readonly {
    readonly name: string
    readonly description: string
    readonly dialect: string
    readonly useCount: number
  }[]
}

function ModelTable({ service, models }: ModelTableProps) {
  const t = useT()
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('models.name')}</Table.Th>
            <Table.Th>{t('models.description')}</Table.Th>
            <Table.Th>{t('models.dialect')}</Table.Th>
            <Table.Th ta="right">{t('models.uses')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map(({ name, description, dialect, useCount }) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Anchor component={Link} to={`/services/${service}/models/${encodeURIComponent(name)}`} fw={600}>
                  {name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Text size="sm" lineClamp={2} maw={520}>
                  {description}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{dialect}</Text>
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" {...(useCount === 0 ? { c: 'dimmed' } : {})}>
                  {useCount === 0 ? t('models.notUsed') : t('models.useCount', { count: useCount })}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
