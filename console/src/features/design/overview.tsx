import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { IconCircleCheck, IconFileImport, IconFolderPlus, IconSitemap } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { Copyable } from '../../components/command.tsx'
import { Empty, Faces } from '../../components/faces.tsx'
import { useDesign } from './design-context.tsx'
import { FindingList } from './finding-list.tsx'
import { lintQuery } from './queries.ts'
import { useT } from './texts.ts'

/** The design as a whole: how to begin, and what the linter says. */
export function Overview() {
  const { tree } = useDesign()
  return tree.methods === 0 ? <Beginning /> : <Findings />
}

function Beginning() {
  const t = useT()
  const { service, tree, mayWrite, start } = useDesign()
  const { root } = tree
  return (
    <Empty icon={IconSitemap} title={t('design.empty')} hint={t('design.emptyHint')}>
      {mayWrite && root !== null && (
        <Group justify="center">
          <Button
            leftSection={<IconFolderPlus size={16} aria-hidden />}
            onClick={() => start({ kind: 'add-path', node: root })}
          >
            {t('design.addPath')}
          </Button>
          <Button
            component={Link}
            to={`/services/${service}/import`}
            variant="default"
            leftSection={<IconFileImport size={16} aria-hidden />}
          >
            {t('design.import')}
          </Button>
        </Group>
      )}
    </Empty>
  )
}

function Findings() {
  const t = useT()
  const { service, stage } = useDesign()
  const lint = useRead(lintQuery(service, stage))
  return (
    <Stack>
      <Stack gap={4}>
        <Title order={2} size="h4">
          {t('lint.title')}
        </Title>
        <Text c="dimmed" size="sm">
          {stage === undefined ? t('lint.lead') : t('lint.leadStage', { stage })}
        </Text>
      </Stack>
      <Faces
        query={lint}
        isEmpty={(findings) => findings.length === 0}
        empty={
          <Card withBorder>
            <Group gap="xs">
              <IconCircleCheck color="var(--mantine-color-green-filled)" aria-hidden />
              <Text>{t('lint.none')}</Text>
            </Group>
          </Card>
        }
      >
        {(findings) => (
          <Card withBorder>
            <FindingList service={service} findings={findings} />
          </Card>
        )}
      </Faces>
      <Text size="sm" c="dimmed">
        {t('design.chooseHint')}
      </Text>
      <Copyable text={`turnpike lint ${stage === undefined ? service : `${service}/${stage}`}`} />
    </Stack>
  )
}
