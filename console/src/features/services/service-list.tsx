import { Anchor, Button, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFileImport, IconRoute, IconSearch } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { Service } from '../../api/model.ts'
import { useReadPages } from '../../api/use-read.ts'
import { Empty, Failed, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { When } from '../../components/when.tsx'
import { useT } from '../../i18n/index.tsx'
import { useMay } from '../session/me.ts'
import { NewService } from './new-service.tsx'
import { servicesQuery } from './queries.ts'

const SEARCH_DELAY_MS = 200

/** All services that the reader may see, searched and paged by the server. */
export function ServiceList() {
  const t = useT()
  const { q = '' } = useSearch({ from: '/services' })
  const navigate = useNavigate({ from: '/services' })
  const services = useReadPages(servicesQuery(q))
  const mayWrite = useMay('write')
  const search = useDebouncedCallback((text: string) => {
    void navigate({ search: text === '' ? {} : { q: text }, replace: true, resetScroll: false })
  }, SEARCH_DELAY_MS)
  const items = services.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('services.title')} lead={t('services.lead')} actions={mayWrite ? <Beginnings /> : undefined}>
      <TextInput
        aria-label={t('action.search')}
        placeholder={t('action.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={q}
        maw={360}
        onChange={(event) => search(event.currentTarget.value)}
      />
      {services.isPending && <Loading />}
      {services.isError && <Failed error={services.error} onRetry={() => void services.refetch()} />}
      {services.isSuccess && items.length === 0 && <Nothing q={q} />}
      {items.length > 0 && <ServiceTable services={items} />}
      {services.hasNextPage && (
        <Button variant="default" loading={services.isFetchingNextPage} onClick={() => void services.fetchNextPage()}>
          {t('action.more')}
        </Button>
      )}
    </Page>
  )
}

/** The ways to a new service. */
function Beginnings() {
  const t = useT()
  return (
    <>
      <Button component={Link} to="/import" variant="default" leftSection={<IconFileImport size={16} aria-hidden />}>
        {t('services.import')}
      </Button>
      <NewService />
    </>
  )
}

function Nothing({ q }: { readonly q: string }) {
  const t = useT()
  if (q !== '')
    return <Empty icon={IconSearch} title={t('state.nothingFound')} hint={t('state.nothingFoundFor', { text: q })} />
  return <Empty icon={IconRoute} title={t('services.empty')} hint={t('services.emptyHint')} />
}

function ServiceTable({ services }: { readonly services: readonly Service[] }) {
  const t = useT()
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('services.name')}</Table.Th>
            <Table.Th>{t('services.description')}</Table.Th>
            <Table.Th>{t('services.updated')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {services.map(({ id, name, description, updatedAt }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/services/${name}`} fw={600}>
                  {name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Stack gap={0} maw={520}>
                  <Text size="sm" lineClamp={2}>
                    {description}
                  </Text>
                </Stack>
              </Table.Td>
              <Table.Td>
                <When at={updatedAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
