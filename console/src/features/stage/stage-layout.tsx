import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { Faces } from '../../components/faces.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useT } from '../../i18n/index.tsx'
import { stageQuery } from './queries.ts'
import { stageTabs } from './stage-tabs.ts'

/** Around every page of a stage: its parts. */
export function StageLayout() {
  const t = useT()
  const { service, stage } = useParams({ from: '/services/$service/stages/$stage' })
  const found = useQuery(stageQuery(service, stage))
  return (
    <Faces query={found}>
      {() => (
        <Stack gap="lg">
          <Tabs
            label={stage}
            tabs={stageTabs.map(({ label, path }) => ({
              label: t(label),
              to: `/services/${service}/stages/${stage}/${path}`,
            }))}
          />
          <Outlet />
        </Stack>
      )}
    </Faces>
  )
}
