import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import type { Policy, PolicyValue } from '../../api/model.ts'
import { ChangedMeanwhile } from '../../api/save-part.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { isObject } from '../../forms/schema.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { saveValue } from './queries.ts'
import { valueSchema } from './schemas.ts'
import { useT } from './texts.ts'

const NO_PROBLEMS: readonly FieldProblem[] = []

interface ValueDialogProps {
  readonly service: string
  readonly policy: Policy
  /** Of a policy. */
  readonly schema: unknown
  /** Null for a new one. */
  readonly value: PolicyValue | null
  readonly onClose: () => void
}

/** Adds a value to a policy, or changes one. */
export function ValueDialog(props: ValueDialogProps) {
  const t = useT()
  const common = useCommonT()
  const { value, onClose } = props
  return (
    <Modal
      opened
      onClose={onClose}
      title={value === null ? t('values.add') : t('values.edit', { value: value.value })}
      size="lg"
      closeButtonProps={{ 'aria-label': common('action.close') }}
    >
      <ValueForm {...props} />
    </Modal>
  )
}

function ValueForm({ service, policy, schema: given, value, onClose }: ValueDialogProps) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const schema = useMemo(() => valueSchema(given, value === null), [given, value])
  const [edited, setEdited] = useState<unknown>(() => {
    if (value === null) return {}
    const { value: _, ...rest } = value
    return rest
  })
  const [isHeld, setIsHeld] = useState(false)
  const name = value?.value ?? (isObject(edited) && typeof edited.value === 'string' ? edited.value : '')
  const save = useMutation({
    mutationFn: (before: PolicyValue | undefined) =>
      saveValue(service, policy.name, name, before, {
        requestsPerSecond: null,
        networks: null,
        // The server says what is none.
        ...(edited as Partial<PolicyValue>),
        value: name,
      }),
    async onSuccess() {
      notifyDone(t('values.saved', { value: name }))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      onClose()
    },
  })
  const { error } = save
  const isTaken = value === null && policy.values.some((one) => one.value === name)
  const errors = useMemo(() => {
    if (isTaken) return [{ path: '/value', message: t('values.taken') }]
    return error instanceof ApiProblem ? error.errors : NO_PROBLEMS
  }, [isTaken, error, t])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isHeld && !isTaken && name !== '') save.mutate(value ?? undefined)
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <SchemaForm schema={schema} value={edited} errors={errors} onHold={setIsHeld} onChange={setEdited} />
        {error instanceof ChangedMeanwhile ? (
          <ConflictAlert
            theirs={error.theirs}
            yours={edited}
            onTakeTheirs={() => {
              void queries.invalidateQueries({ queryKey: ['services', service] })
              onClose()
            }}
            // What was read of the same value.
            onOverwrite={() => save.mutate(error.theirs as PolicyValue | undefined)}
          />
        ) : (
          <ProblemAlert error={error} />
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {common('action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={isHeld || isTaken || name === ''}>
            {common('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
