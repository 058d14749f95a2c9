import { type UseMutationResult, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, answer, api, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { Stage } from '../../api/model.ts'
import { notifyDone } from '../../components/notify.ts'
import { useUnsaved } from '../../components/unsaved.tsx'
import { useT } from '../../i18n/index.tsx'
import { stageQuery } from './queries.ts'

/** Some fields of a stage while they are edited. */
export interface StageForm<Fields> {
  readonly values: Fields
  readonly isDirty: boolean
  /** What went wrong with saving, but for somebody else having been faster. */
  readonly error: Error | null
  readonly isSaving: boolean
  /** What somebody else has made of it meanwhile; null where nobody has. */
  readonly theirs: Fields | null
  set(change: Partial<Fields>): void
  save(): void
  /** Drops what was typed. */
  reset(): void
  /** Saves what was typed over what somebody else has made of it. */
  overwrite(): void
}

type Editable = Pick<
  Stage,
  | 'description'
  | 'isDefault'
  | 'domains'
  | 'pathPrefix'
  | 'trailingSlash'
  | 'https'
  | 'hsts'
  | 'backend'
  | 'variables'
  | 'plugins'
  | 'publicDocument'
  | 'keepDeployments'
>

/**
 * Edits fields of a stage. What was typed stands on the version that was seen when it was begun: only what was changed is sent,
 * and nothing if the stage is another by then.
 */
export function useStageForm<Name extends keyof Editable>(
  service: string,
  stage: string,
  names: readonly Name[],
): StageForm<Pick<Editable, Name>> {
  type Fields = Pick<Editable, Name>
  const t = useT()
  const queries = useQueryClient()
  const { data: now } = useSuspenseQuery(stageQuery(service, stage))
  const [typed, setTyped] = useState<{ readonly seen: Versioned<Stage>; readonly change: Partial<Fields> } | null>(null)
  const fieldsOf = (from: Stage) => pick(from, names)
  const seen = typed?.seen ?? now
  const before = fieldsOf(seen.value)
  const change = typed?.change ?? {}
  const values = { ...before, ...change }
  const isDirty = JSON.stringify(values) !== JSON.stringify(before)
  const save: UseMutationResult<Versioned<Stage>, Error, string> = useMutation({
    mutationFn: (etag: string) =>
      versioned(
        api.PATCH('/api/v1/services/{serviceId}/stages/{stageId}', {
          params: { path: { serviceId: service, stageId: stage } },
          body: change,
          ...ifMatch(etag),
        }),
      ),
    onSuccess(saved) {
      queries.setQueryData(stageQuery(service, stage).queryKey, saved)
      setTyped(null)
      notifyDone(t('state.saved'))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
  const isConflict = save.error instanceof ApiProblem && save.error.status === 412
  useUnsaved(isDirty)
  return {
    values,
    isDirty,
    error: isConflict ? null : save.error,
    isSaving: save.isPending,
    theirs: isConflict && now.etag !== seen.etag ? fieldsOf(now.value) : null,
    set: (next) => setTyped({ seen, change: { ...change, ...next } }),
    save: () => save.mutate(seen.etag),
    reset() {
      setTyped(null)
      save.reset()
    },
    overwrite: () => save.mutate(now.etag),
  }
}

function pick<Name extends keyof Editable>(stage: Editable, names: readonly Name[]): Pick<Editable, Name> {
  const chosen: Partial<Pick<Editable, Name>> = {}
  for (const name of names) chosen[name] = stage[name]
  // All of the names have been gone through.
  return chosen as Pick<Editable, Name>
}

/** Deletes a stage. */
export const deleteStage = (serviceId: string, stageId: string, etag: string) =>
  answer(
    api.DELETE('/api/v1/services/{serviceId}/stages/{stageId}', {
      params: { path: { serviceId, stageId } },
      ...ifMatch(etag),
    }),
  )
