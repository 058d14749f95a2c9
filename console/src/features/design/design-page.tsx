import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useRead } from '../../api/use-read.ts'
import { Faces, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { useMayWrite } from '../services/may.ts'
import { DesignActions } from './design-actions.tsx'
import { type DesignPageState, DesignProvider, type Task } from './design-context.tsx'
import classes from './design-page.module.css'
import { DraftsProvider } from './drafts.tsx'
import { staying } from './node-link.tsx'
import { NodePanel } from './node-panel.tsx'
import { treeQuery } from './queries.ts'
import { TaskDialog } from './task-dialog.tsx'
import { useT } from './texts.ts'
import { placeOf } from './tree-model.ts'
import { TreePane } from './tree-pane.tsx'

/** Below that the tree and what is chosen in it do not fit side by side. */
const NARROW = '(max-width: 61.99em)'

/** The design of a service: its tree, and what is chosen in it. */
export function DesignPage() {
  const t = useT()
  const { service } = useParams({ from: '/services/$service' })
  const { stage } = useSearch({ from: '/services/$service/design' })
  const read = useRead(treeQuery(service))
  return (
    <Page title={t('design.title')} lead={t('design.lead')} actions={<DesignActions service={service} stage={stage} />}>
      <Faces query={read} loading={<Loading rows={10} />}>
        {({ tree, etag }) => (
          // Another service is another design: nothing of this one stays.
          <DraftsProvider key={service}>
            <Workbench service={service} stage={stage} tree={tree} etag={etag} />
          </DraftsProvider>
        )}
      </Faces>
    </Page>
  )
}

function Workbench({ service, stage, tree, etag }: Pick<DesignPageState, 'service' | 'stage' | 'tree' | 'etag'>) {
  const navigate = useNavigate({ from: '/services/$service/design' })
  const { node } = useSearch({ from: '/services/$service/design' })
  const mayWrite = useMayWrite(service)
  const [task, setTask] = useState<Task | null>(null)
  const isNarrow = useMediaQuery(NARROW, window.matchMedia(NARROW).matches)
  const state = useMemo(
    (): DesignPageState => ({
      service,
      stage,
      tree,
      etag,
      mayWrite,
      start: setTask,
      goTo: (key) =>
        void navigate({
          search: ({ part, ...search }) => ({
            ...staying(search),
            ...(part !== undefined && { part }),
            ...placeOf(key),
          }),
          resetScroll: false,
        }),
    }),
    [service, stage, tree, etag, mayWrite, navigate],
  )
  return (
    <DesignProvider value={state}>
      <div className={classes.bench}>
        {(!isNarrow || node === undefined) && <TreePane />}
        {(!isNarrow || node !== undefined) && <NodePanel isNarrow={isNarrow} />}
      </div>
      <TaskDialog task={task} onClose={() => setTask(null)} />
    </DesignProvider>
  )
}
