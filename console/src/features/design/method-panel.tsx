import { Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ComponentType, lazy } from 'react'
import { answer, api, ifMatch, type Versioned } from '../../api/client.ts'
import type { Method } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { Faces } from '../../components/faces.tsx'
import { useDesign } from './design-context.tsx'
import { useDraft } from './drafts.tsx'
import { MethodPicture } from './method-picture.tsx'
import { NodeHeader, StageNote } from './node-header.tsx'
import { PartTabs, usePart } from './part-tabs.tsx'
import { PluginsPart } from './plugins-part.tsx'
import { methodQuery } from './queries.ts'
import { SaveBar } from './save-bar.tsx'
import { useSaveDraft } from './save-draft.tsx'
import { useT } from './texts.ts'
import type { TreeMethod, TreeNode } from './tree-model.ts'

const PARTS = ['backend', 'plugins', 'parameters', 'body', 'responses', 'about'] as const
export type MethodPart = (typeof PARTS)[number]

type EditorName = keyof typeof import('./method-parts.ts')

/** The picture says it first; what it is changed with comes after it. */
const editor = (name: EditorName) =>
  lazy(
    async (): Promise<{ default: ComponentType<PartProps> }> => ({
      default: (await import('./method-parts.ts'))[name],
    }),
  )

const AboutPart = editor('AboutPart')
const BackendPart = editor('BackendPart')
const BodyPart = editor('BodyPart')
const ParametersPart = editor('ParametersPart')
const ResponsesPart = editor('ResponsesPart')

/** What of a method is edited here; its plugins have an editor of their own. */
export type MethodFields = Omit<Method, 'id' | 'resourceId' | 'verb' | 'plugins'>

/** What each editor of a part of a method is given. */
export interface PartProps {
  readonly value: MethodFields
  readonly path: string
  readonly resourceId: string
  readonly onChange: (changes: Partial<MethodFields>) => void
  readonly error: Error | null
  readonly isReadOnly: boolean
}

interface MethodPanelProps {
  readonly node: TreeNode
  readonly method: TreeMethod
}

/** A method: a picture of the way of a request, and an editor for each part of it. */
export function MethodPanel({ node, method }: MethodPanelProps) {
  const { service } = useDesign()
  const read = useRead(methodQuery(service, method.id))
  return (
    <Stack>
      <NodeHeader node={node} method={method} />
      <Faces query={read}>{(read) => <Parts node={node} read={read} />}</Faces>
    </Stack>
  )
}

function Parts({ node, read }: { readonly node: TreeNode; readonly read: Versioned<Method> }) {
  const t = useT()
  const { service, stage, mayWrite } = useDesign()
  const { shown, show } = usePart(PARTS)
  const { id: methodId, resourceId, verb: _verb, plugins, ...fields } = read.value
  const edit = useDraft<MethodFields>(methodId, fields)
  const saving = useSaveMethod(methodId, read, edit)
  const { value } = edit
  const props: PartProps = {
    value,
    path: node.path,
    resourceId,
    onChange: edit.change,
    error: saving.error,
    isReadOnly: !mayWrite,
  }
  return (
    <>
      <MethodPicture
        node={{ service, resourceId, methodId, ...(stage !== undefined && { stage }) }}
        methodId={methodId}
        backend={value.backend}
        parameters={value.parameters.length}
        shown={shown}
        onShow={show}
      />
      <StageNote />
      <PartTabs
        shown={shown}
        onShow={show}
        parts={[
          { name: 'backend', label: t('part.backend'), content: () => <BackendPart {...props} /> },
          {
            name: 'plugins',
            label: t('part.plugins'),
            count: stage === undefined ? plugins.length : undefined,
            content: () => (
              <PluginsPart node={{ service, resourceId, methodId, ...(stage !== undefined && { stage }) }} />
            ),
          },
          {
            name: 'parameters',
            label: t('part.parameters'),
            count: value.parameters.length,
            content: () => <ParametersPart {...props} />,
          },
          { name: 'body', label: t('part.body'), content: () => <BodyPart {...props} /> },
          {
            name: 'responses',
            label: t('part.responses'),
            count: value.responses.length,
            content: () => <ResponsesPart {...props} />,
          },
          { name: 'about', label: t('part.about'), content: () => <AboutPart {...props} /> },
        ]}
      />
      <SaveBar isChanged={edit.draft !== undefined} saving={saving} onDrop={edit.drop} />
    </>
  )
}

function useSaveMethod(methodId: string, read: Versioned<Method>, { draft, settle }: ReturnType<typeof useDraft>) {
  const { service } = useDesign()
  const queries = useQueryClient()
  return useSaveDraft({
    service,
    draft,
    current: read,
    read: () => queries.fetchQuery({ ...methodQuery(service, methodId), staleTime: 0 }),
    write: (changes, etag) =>
      answer(
        api.PATCH('/api/v1/services/{serviceId}/methods/{methodId}', {
          params: { path: { serviceId: service, methodId } },
          ...ifMatch(etag),
          body: changes,
        }),
      ),
    onSaved: settle,
  })
}
