import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { Versioned } from '../../api/client.ts'
import type { Plan, PlanStage } from '../../api/model.ts'
import { Copyable } from '../../components/command.tsx'
import { PagedTable } from '../../components/data-table.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Faces, Loading, PageFailed } from '../../components/faces.tsx'
import { Facts } from '../../components/facts.tsx'
import { OnlyFor } from '../../components/only-for.tsx'
import { Page } from '../../components/page.tsx'
import { Section } from '../../components/section.tsx'
import { TextLink } from '../../components/text-link.tsx'
import { When } from '../../components/when.tsx'
import { keysQuery } from '../keys/queries.ts'
import { useMay } from '../session/me.ts'
import { DeletePlan } from './delete-plan.tsx'
import { EditPlanForm } from './plan-form.tsx'
import { usePlanWords } from './plan-limits.tsx'
import { PlanStages } from './plan-stages.tsx'
import { planQuery, planStagesQuery } from './queries.ts'
import { useT } from './texts.ts'

/** One plan: what it allows, where, and to whom. */
export function PlanPage() {
  return (
    <OnlyFor permission="read">
      <PlanOrNot />
    </OnlyFor>
  )
}

function PlanOrNot() {
  const { plan: planId } = useParams({ from: '/plans/$plan' })
  const plan = useQuery(planQuery(planId))
  if (plan.data !== undefined) return <PlanView opened={plan.data} />
  return plan.error === null ? <Loading /> : <PageFailed error={plan.error} onRetry={() => void plan.refetch()} />
}

function PlanView({ opened }: { readonly opened: Versioned<Plan> }) {
  const t = useT()
  const words = usePlanWords()
  const mayWrite = useMay('write')
  const isAdmin = useMay('admin')
  const { value: plan } = opened
  const stages = useQuery(planStagesQuery(plan.name))
  return (
    <Page
      title={plan.name}
      {...(plan.description !== '' && { lead: plan.description })}
      crumbs={[{ label: t('title'), to: '/plans' }]}
      actions={mayWrite ? <Actions opened={opened} stages={stages.data?.items} /> : undefined}
    >
      <Facts
        facts={[
          [t('rate'), words.rate(plan)],
          [t('quota'), words.quota(plan)],
          [t('changed'), <When key="changed" at={plan.updatedAt} />],
        ]}
      />
      <Faces query={stages}>{({ items }) => <PlanStages plan={plan} stages={items} />}</Faces>
      <Subscribers of={plan} />
      <Section title={t('commands')}>
        <Copyable text={`turnpike plans connect ${plan.name} SERVICE/STAGE`} />
      </Section>
      {isAdmin && (
        <TextLink to="/audit" search={{ object: plan.id }} size="sm">
          {t('history')}
        </TextLink>
      )}
    </Page>
  )
}

function Subscribers({ of: { name } }: { readonly of: Plan }) {
  const t = useT()
  const keys = useInfiniteQuery(keysQuery({ plan: name }))
  return (
    <Section title={t('subscribers')}>
      <PagedTable
        label={t('subscribers')}
        query={keys}
        keyOf={({ id }) => id}
        minWidth={420}
        empty={
          <Text size="sm" c="dimmed">
            {t('noSubscribers')}
          </Text>
        }
        columns={[
          {
            label: t('key'),
            cell: (key) => (
              <TextLink to="/keys/$key" params={{ key: key.id }} fw={600} size="sm">
                {key.name}
              </TextLink>
            ),
          },
          {
            label: t('mayCall'),
            cell: ({ subscriptions }) =>
              subscriptions
                .filter(({ plan }) => plan === name)
                .map(({ service, stage }) => `${service}/${stage}`)
                .join(', '),
          },
        ]}
      />
    </Section>
  )
}

interface ActionsProps {
  readonly opened: Versioned<Plan>
  readonly stages: readonly PlanStage[] | undefined
}

function Actions({ opened, stages }: ActionsProps) {
  const t = useT()
  const navigate = useNavigate()
  const [isEditing, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={open}>
        {t('edit')}
      </Button>
      <Dialog title={t('edit')} isOpen={isEditing} onClose={close}>
        <EditPlanForm
          opened={opened}
          onDone={({ name }) => {
            close()
            if (name !== opened.value.name) void navigate({ to: '/plans/$plan', params: { plan: name }, replace: true })
          }}
        />
      </Dialog>
      {stages !== undefined && <DeletePlan opened={opened} stages={stages} />}
    </>
  )
}
