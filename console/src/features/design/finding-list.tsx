import { Anchor, Badge, Code, Group, List, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Finding } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { countBySeverity, isInTree, type Severity } from './findings.ts'
import { DesignLink, NodeLink } from './node-link.tsx'
import { lintQuery } from './queries.ts'
import { useT } from './texts.ts'
import { placeOf } from './tree-model.ts'

/** What is wrong with a design, or may not be meant. */

const colors: Readonly<Record<Severity, string>> = { error: 'red', warning: 'orange', info: 'gray' }
const words = { error: 'lint.error', warning: 'lint.warning', info: 'lint.info' } as const

/** How many findings there are, as a way to all of them. */
export function FindingCount({ service, stage }: { readonly service: string; readonly stage: string | undefined }) {
  const t = useT()
  const { data = [] } = useRead(lintQuery(service, stage))
  if (data.length === 0) return null
  const { error, warning, info } = countBySeverity(data)
  return <DesignLink size="xs">{t('lint.count', { errors: error, warnings: warning, infos: info })}</DesignLink>
}

interface FindingListProps {
  readonly service: string
  readonly findings: readonly Finding[]
  /** Whether it is said where each is: not where that is the page itself. */
  readonly withNodes?: boolean
}

/** Findings with what is wrong and what would be right, each with the way to its node. */
export function FindingList({ service, findings, withNodes = true }: FindingListProps) {
  const t = useT()
  return (
    <List listStyleType="none" spacing="sm" m={0} p={0}>
      {findings.map((finding) => (
        <List.Item
          key={`${finding.code} ${finding.node} ${finding.field} ${finding.message}`}
          styles={{ itemWrapper: { display: 'block' } }}
        >
          <Group gap="sm" wrap="nowrap" align="start">
            <Badge color={colors[finding.severity]} variant="light" miw={80} style={{ flex: 'none' }} autoContrast>
              {t(words[finding.severity])}
            </Badge>
            <Stack gap={2} style={{ minWidth: 0 }}>
              {withNodes && <Place service={service} node={finding.node} />}
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {finding.message}
              </Text>
              {finding.sample !== null && (
                <Text size="xs" c="dimmed">
                  {t('lint.sample')} <Code>{finding.sample}</Code>
                </Text>
              )}
            </Stack>
          </Group>
        </List.Item>
      ))}
    </List>
  )
}

function Place({ service, node }: { readonly service: string; readonly node: string }) {
  if (node.startsWith('model '))
    return (
      <Anchor component={Link} to={`/services/${service}/models`} size="sm" fw={600}>
        {node}
      </Anchor>
    )
  return (
    <Text size="sm" fw={600} component="span">
      {isInTree(node) ? <NodeLink at={placeOf(node)}>{node}</NodeLink> : node}
    </Text>
  )
}
