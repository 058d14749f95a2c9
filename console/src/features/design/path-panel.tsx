import { Button, Stack, Table, Text, Textarea } from '@mantine/core'
import { IconCirclePlus, IconFolderPlus } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { answer, api, fieldError, ifMatch, type Versioned } from '../../api/client.ts'
import type { Resource } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { Faces } from '../../components/faces.tsx'
import { useDesign } from './design-context.tsx'
import { useDraft } from './drafts.tsx'
import { NodeHeader } from './node-header.tsx'
import { NodeLink } from './node-link.tsx'
import { PartTabs, usePart } from './part-tabs.tsx'
import { PluginsPart } from './plugins-part.tsx'
import { resourceQuery } from './queries.ts'
import { SaveBar } from './save-bar.tsx'
import { useSaveDraft } from './save-draft.tsx'
import { useT } from './texts.ts'
import { lastSegment, sizeOf, type TreeNode } from './tree-model.ts'
import { Verb } from './verb.tsx'

const PARTS = ['methods', 'plugins', 'about'] as const

/** A path: its methods, its plugins, what it is for. */
export function PathPanel({ node }: { readonly node: TreeNode }) {
  const { service } = useDesign()
  const resource = useRead(resourceQuery(service, node.id))
  return (
    <Stack>
      <NodeHeader node={node} method={null} />
      <Faces query={resource}>{(read) => <Parts node={node} read={read} />}</Faces>
    </Stack>
  )
}

/** What of a path is edited here. */
type Fields = Pick<Resource, 'description'>

function Parts({ node, read }: { readonly node: TreeNode; readonly read: Versioned<Resource> }) {
  const t = useT()
  const { service, stage, mayWrite } = useDesign()
  const queries = useQueryClient()
  const { shown, show } = usePart(PARTS)
  const edit = useDraft<Fields>(node.id, { description: read.value.description })
  const path = { serviceId: service, resourceId: node.id }
  const saving = useSaveDraft({
    service,
    draft: edit.draft,
    current: read,
    read: () => queries.fetchQuery({ ...resourceQuery(service, node.id), staleTime: 0 }),
    write: (changes, etag) =>
      answer(
        api.PATCH('/api/v1/services/{serviceId}/resources/{resourceId}', {
          params: { path },
          ...ifMatch(etag),
          body: changes,
        }),
      ),
    onSaved: edit.settle,
  })
  return (
    <>
      <PartTabs
        shown={shown}
        onShow={show}
        parts={[
          {
            name: 'methods',
            label: t('path.methods'),
            count: node.methods.length,
            content: () => <Below node={node} />,
          },
          {
            name: 'plugins',
            label: t('part.plugins'),
            count: stage === undefined ? read.value.plugins.length : undefined,
            content: () => (
              <PluginsPart node={{ service, resourceId: node.id, ...(stage !== undefined && { stage }) }} />
            ),
          },
          {
            name: 'about',
            label: t('part.about'),
            content: () => (
              <Textarea
                label={t('method.description')}
                description={t('path.descriptionHint')}
                autosize
                minRows={3}
                readOnly={!mayWrite}
                value={edit.value.description}
                error={fieldError(saving.error, '/description')}
                onChange={(event) => edit.change({ description: event.currentTarget.value })}
              />
            ),
          },
        ]}
      />
      <SaveBar isChanged={edit.draft !== undefined} saving={saving} onDrop={edit.drop} />
    </>
  )
}

/** The methods of a path and the paths below it. */
function Below({ node }: { readonly node: TreeNode }) {
  const t = useT()
  const { mayWrite, start } = useDesign()
  return (
    <Stack align="start">
      {node.methods.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('path.noMethods')}
        </Text>
      ) : (
        <MethodTable node={node} />
      )}
      {mayWrite && (
        <Button.Group>
          <Button
            variant="default"
            leftSection={<IconCirclePlus size={16} aria-hidden />}
            onClick={() => start({ kind: 'add-method', node })}
          >
            {t('design.addMethod')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconFolderPlus size={16} aria-hidden />}
            onClick={() => start({ kind: 'add-path', node })}
          >
            {t('design.addPath')}
          </Button>
        </Button.Group>
      )}
      {node.children.length > 0 && <Children node={node} />}
    </Stack>
  )
}

function MethodTable({ node }: { readonly node: TreeNode }) {
  const t = useT()
  return (
    <Table.ScrollContainer minWidth={380} w="100%">
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={90}>{t('design.method')}</Table.Th>
            <Table.Th>{t('method.name')}</Table.Th>
            <Table.Th>{t('part.backend')}</Table.Th>
            <Table.Th ta="right">{t('part.plugins')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {node.methods.map(({ id, verb, name, operationId, isMock, plugins }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <NodeLink at={{ node: node.path, method: verb }}>
                  <Verb verb={verb} />
                </NodeLink>
              </Table.Td>
              <Table.Td>{name || operationId}</Table.Td>
              <Table.Td>{t(isMock ? 'backend.mock' : 'backend.http')}</Table.Td>
              <Table.Td ta="right">{plugins}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** More than that are for the tree, which can be searched. */
const CHILDREN = 50

function Children({ node }: { readonly node: TreeNode }) {
  const t = useT()
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {t('path.below')}
      </Text>
      {node.children.slice(0, CHILDREN).map((child) => (
        <Text key={child.id} size="sm">
          <NodeLink at={{ node: child.path }}>{lastSegment(child.path)}</NodeLink>{' '}
          <Text span c="dimmed" size="xs">
            {t('path.belowCount', { methods: sizeOf(child).methods })}
          </Text>
        </Text>
      ))}
      {node.children.length > CHILDREN && (
        <Text size="sm" c="dimmed">
          {t('path.more', { count: node.children.length - CHILDREN })}
        </Text>
      )}
    </Stack>
  )
}
