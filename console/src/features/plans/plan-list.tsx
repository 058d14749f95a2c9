import { Stack, Text } from '@mantine/core'
import { IconLicense } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Plan } from '../../api/model.ts'
import { DataTable } from '../../components/data-table.tsx'
import { DialogButton } from '../../components/dialog.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { useMay } from '../session/me.ts'
import { NewPlanForm } from './plan-form.tsx'
import { usePlanWords } from './plan-limits.tsx'
import { plansQuery } from './queries.ts'
import { useT } from './texts.ts'

/** All usage plans. */
export function PlanList() {
  const t = useT()
  const mayWrite = useMay('write')
  return (
    <Page title={t('title')} lead={t('lead')} actions={mayWrite ? <NewPlan /> : undefined}>
      <OnlyFor permission="read">
        <Plans />
      </OnlyFor>
    </Page>
  )
}

function Plans() {
  const t = useT()
  const words = usePlanWords()
  const plans = useQuery(plansQuery())
  return (
    <Faces
      query={plans}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <Empty icon={IconLicense} title={t('empty')} hint={t('emptyHint')}>
          <Text size="sm" c="dimmed">
            <code>turnpike plans create gold --rate 50 --quota 100000/month</code>
          </Text>
        </Empty>
      }
    >
      {({ items }) => (
        <DataTable
          label={t('title')}
          items={items}
          keyOf={({ id }) => id}
          minWidth={640}
          columns={[
            { label: t('name'), cell: (plan) => <Name of={plan} /> },
            { label: t('rate'), cell: (plan) => words.rate(plan) },
            { label: t('quota'), cell: (plan) => words.quota(plan) },
            { label: t('changed'), cell: ({ updatedAt }) => <When at={updatedAt} /> },
          ]}
        />
      )}
    </Faces>
  )
}

function Name({ of: { name, description } }: { readonly of: Plan }) {
  return (
    <Stack gap={0} maw={360}>
      <TextLink to="/plans/$plan" params={{ plan: name }} fw={600}>
        {name}
      </TextLink>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {description}
      </Text>
    </Stack>
  )
}

function NewPlan() {
  const t = useT()
  const navigate = useNavigate()
  return (
    <DialogButton label={t('new')}>
      {(close) => (
        <NewPlanForm
          onMade={({ name }) => {
            close()
            void navigate({ to: '/plans/$plan', params: { plan: name } })
          }}
        />
      )}
    </DialogButton>
  )
}
