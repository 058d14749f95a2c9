import { Anchor, Breadcrumbs, Stack, Text } from '@mantine/core'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { Faces } from '../../components/faces.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useT } from '../../i18n/index.tsx'
import { serviceQuery } from '../services/queries.ts'
import { serviceTabs } from './service-tabs.ts'

/** Around every page of a service: which it is, and its parts. */
export function ServiceLayout() {
  const t = useT()
  const { service: name } = useParams({ from: '/services/$service' })
  const service = useRead(serviceQuery(name))
  return (
    <Faces query={service}>
      {() => (
        <Stack gap="lg">
          <Stack gap="xs">
            <Breadcrumbs separatorMargin={6}>
              <Anchor component={Link} to="/services" size="sm">
                {t('nav.services')}
              </Anchor>
              <Text size="sm" fw={600}>
                {name}
              </Text>
            </Breadcrumbs>
            <Tabs
              label={name}
              tabs={serviceTabs.map(({ label, path }) => ({ label: t(label), to: `/services/${name}/${path}` }))}
            />
          </Stack>
          <Outlet />
        </Stack>
      )}
    </Faces>
  )
}
