import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Versioned } from '../../api/client.ts'
import type { Stage } from '../../api/model.ts'

/** What a change of a stage is done with. */
interface StageChangeOptions<Input, Result> {
  readonly service: string
  /** The stage as it was seen: where somebody else was faster, nothing is done. */
  readonly seen: Versioned<Stage>
  readonly change: (etag: string, input: Input) => Promise<Result>
  readonly onDone?: (result: Result) => void
  readonly onFailed?: (error: Error) => void
}

/** Something that changes a stage, or what is live of it; everything that shows the stage is read anew, whatever came of it. */
export function useStageChange<Result, Input = void>({
  service,
  seen,
  change,
  onDone,
  onFailed,
}: StageChangeOptions<Input, Result>): UseMutationResult<Result, Error, Input> {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: Input) => change(seen.etag, input),
    onSuccess: (result) => onDone?.(result),
    onError: (error) => onFailed?.(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ['services', service] }),
  })
}
