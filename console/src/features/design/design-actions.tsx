import { Button, Select } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { useMayWrite } from '../services/may.ts'
import { stagesQuery } from '../stage/queries.ts'
import { ExportMenu } from './export-menu.tsx'
import { useT } from './texts.ts'

/** The draft goes by a name that no stage can have. */
const DRAFT = '-'

/** What can be done with a design as a whole: seen as a stage has it, brought in, taken out. */
export function DesignActions({ service, stage }: { readonly service: string; readonly stage: string | undefined }) {
  const t = useT()
  const mayWrite = useMayWrite(service)
  return (
    <>
      <StageSelect service={service} stage={stage} />
      {mayWrite && (
        <Button
          component={Link}
          to={`/services/${service}/import`}
          variant="default"
          leftSection={<IconFileImport size={16} aria-hidden />}
        >
          {t('design.import')}
        </Button>
      )}
      <ExportMenu service={service} />
    </>
  )
}

function StageSelect({ service, stage }: { readonly service: string; readonly stage: string | undefined }) {
  const t = useT()
  const stages = useRead(stagesQuery(service))
  const navigate = useNavigate({ from: '/services/$service/design' })
  const names = stages.data?.items.map(({ name }) => name) ?? []
  if (names.length === 0) return null
  return (
    <Select
      aria-label={t('design.stageSelect')}
      w={{ base: '100%', xs: 190 }}
      value={stage ?? DRAFT}
      data={[
        { value: DRAFT, label: t('design.draft') },
        ...names.map((name) => ({ value: name, label: t('design.onStage', { stage: name }) })),
      ]}
      onChange={(value) =>
        void navigate({
          search: ({ stage: _stage, ...others }) =>
            value === null || value === DRAFT ? others : { ...others, stage: value },
          resetScroll: false,
        })
      }
    />
  )
}
