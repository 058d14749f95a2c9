import { Alert, Group, Stack, Text, Title } from '@mantine/core'
import { useRead } from '../../api/use-read.ts'
import { Tag } from '../../components/tag.tsx'
import { useDesign } from './design-context.tsx'
import { FindingList } from './finding-list.tsx'
import { NodeMenu } from './node-menu.tsx'
import { lintQuery } from './queries.ts'
import { useT } from './texts.ts'
import { methodKey, type TreeMethod, type TreeNode } from './tree-model.ts'
import { Verb } from './verb.tsx'

/** Which node this is, what can be done to it, and what the linter says of it. */
export function NodeHeader({ node, method }: { readonly node: TreeNode; readonly method: TreeMethod | null }) {
  const t = useT()
  const { service, stage, mayWrite } = useDesign()
  const key = method === null ? node.path : methodKey(method.verb, node.path)
  const lint = useRead(lintQuery(service, stage))
  const findings = lint.data?.filter((finding) => finding.node === key) ?? []
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="start">
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Group gap="sm">
            <Title order={2} size="h4" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {method !== null && (
                <>
                  <Verb verb={method.verb} isWide />{' '}
                </>
              )}
              {node.path}
            </Title>
            {method?.isDeprecated === true && <Tag color="gray">{t('method.deprecated')}</Tag>}
          </Group>
          {method !== null && method.name !== '' && <Text c="dimmed">{method.name}</Text>}
        </Stack>
        {mayWrite && <NodeMenu node={node} method={method} />}
      </Group>
      {findings.length > 0 && (
        <Alert color={findings.some(({ severity }) => severity === 'error') ? 'red' : 'orange'} variant="outline">
          <FindingList service={service} findings={findings} withNodes={false} />
        </Alert>
      )}
    </Stack>
  )
}

/** That settings of the design are the same on all stages. */
export function StageNote() {
  const t = useT()
  const { stage } = useDesign()
  if (stage === undefined) return null
  return (
    <Text size="sm" c="dimmed">
      {t('design.stageNote', { stage })}
    </Text>
  )
}
