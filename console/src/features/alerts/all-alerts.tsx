import { Button, SegmentedControl } from '@mantine/core'
import { IconBell, IconBellCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Empty, Faces } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { AlertTable } from './alert-table.tsx'
import { allAlertsQuery } from './queries.ts'
import { byUrgency } from './rule-words.ts'
import { useT } from './texts.ts'

/** The rules of all stages: those that fire or are about to, or all. */
export function AllAlerts() {
  const t = useT()
  const { show } = useSearch({ from: '/alerts' })
  const navigate = useNavigate({ from: '/alerts' })
  const alerts = useQuery(allAlertsQuery)
  return (
    <Page
      title={t('title')}
      lead={t('allLead')}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('show')}
          value={show === 'all' ? 'all' : 'firing'}
          data={[
            { value: 'firing', label: t('showFiring') },
            { value: 'all', label: t('showAll') },
          ]}
          onChange={(value) =>
            void navigate({ search: value === 'all' ? { show: value } : {}, replace: true, resetScroll: false })
          }
        />
      }
    >
      <Faces query={alerts} isEmpty={({ items }) => items.length === 0} empty={<NoRules />}>
        {({ items }) => {
          const shown = show === 'all' ? items : items.filter(({ state }) => state === 'firing' || state === 'pending')
          if (shown.length > 0) return <AlertTable alerts={byUrgency(shown)} isOfAll />
          return <Empty icon={IconBellCheck} title={t('nothingFires')} hint={t('nothingFiresHint')} />
        }}
      </Faces>
    </Page>
  )
}

function NoRules() {
  const t = useT()
  return (
    <Empty icon={IconBell} title={t('noRules')} hint={t('noRulesHint')}>
      <Button component={Link} to="/services">
        {t('toServices')}
      </Button>
    </Empty>
  )
}
