import { Anchor, Table } from '@mantine/core'
import { IconShieldLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Empty, Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { useMayWrite } from '../services/may.ts'
import { NewPolicy } from './new-policy.tsx'
import { policiesQuery } from './queries.ts'
import { useT } from './texts.ts'

/** The restriction policies of a service. */
export function PolicyList() {
  const t = useT()
  const { service } = useParams({ from: '/services/$service/policies' })
  const policies = useQuery(policiesQuery(service))
  const mayWrite = useMayWrite(service)
  return (
    <Page
      title={t('policies.title')}
      lead={t('policies.lead')}
      actions={
        mayWrite && policies.data !== undefined ? (
          <NewPolicy service={service} schema={policies.data.schema} />
        ) : undefined
      }
    >
      <Faces
        query={policies}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty icon={IconShieldLock} title={t('policies.empty')} hint={t('policies.emptyHint')} />}
      >
        {({ items }) => (
          <Table.ScrollContainer minWidth={520} type="native">
            <Table verticalSpacing="sm" highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('policies.name')}</Table.Th>
                  <Table.Th>{t('policies.key')}</Table.Th>
                  <Table.Th>{t('policies.rate')}</Table.Th>
                  <Table.Th ta="right">{t('policies.values')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map(({ name, key, requestsPerSecond, valueCount }) => (
                  <Table.Tr key={name}>
                    <Table.Td>
                      <Anchor
                        component={Link}
                        to={`/services/${service}/policies/${encodeURIComponent(name)}`}
                        fw={600}
                      >
                        {name}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{t(`policies.in.${key.in}`, { name: key.name })}</Table.Td>
                    <Table.Td>
                      {requestsPerSecond === null
                        ? t('policies.unlimited')
                        : t('policies.perSecond', { rate: requestsPerSecond })}
                    </Table.Td>
                    <Table.Td ta="right">{valueCount}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Faces>
    </Page>
  )
}
