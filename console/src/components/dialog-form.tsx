import { Button, Group, Stack } from '@mantine/core'
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useState } from 'react'
import { isSameJson } from '../api/save-part.ts'
import { useT } from '../i18n/index.tsx'
import { ConflictAlert } from './conflict.tsx'
import { useFrame } from './dialog.tsx'
import { ProblemAlert } from './problem-alert.tsx'
import type { Save } from './use-save.ts'

interface DialogFormProps {
  /** All that can be typed. Where it is not what the form began with, closing asks. */
  readonly typed: unknown
  /** What the button says that does it. */
  readonly action: string
  /** How the doing of it stands: a mutation. */
  readonly change: { readonly error: Error | null; readonly isPending: boolean }
  readonly onSubmit: () => void
  /** Whether what is typed can be sent. */
  readonly isReady?: boolean
  readonly isDangerous?: boolean
  /** What was not done, where it was something else than saving. */
  readonly failed?: string
  /** In the place of what the error says: both versions, where somebody else was faster. */
  readonly conflict?: ReactNode
  /** Below the buttons: the command that does the same. */
  readonly footer?: ReactNode
  /** The form says itself what is missing; the browser does not. */
  readonly hasOwnFaults?: boolean
  readonly children: ReactNode
}

/**
 * The form in a dialog. Enter sends it, in a text of several lines Ctrl+Enter. Whatever goes wrong, what was typed stays: what the
 * server refuses stands at its fields and in whole, and where nobody answers or the session has ended it can be sent again.
 */
export function DialogForm(props: DialogFormProps) {
  const { typed, action, change, onSubmit, isReady = true, isDangerous = false, hasOwnFaults = false } = props
  const t = useT()
  const { isTyped, close } = useFrame()
  const [first] = useState(typed)
  // What is being sent is not lost: when that is done, the dialog closes without a question.
  const wouldBeLost = !change.isPending && !isSameJson(first, typed)
  const isConflict = Boolean(props.conflict)
  // What has come back is in the form again, also where the answer was there before the sending of it was drawn.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure and a conflict are such answers.
  useEffect(() => {
    isTyped.current = wouldBeLost
    return () => {
      isTyped.current = false
    }
  }, [isTyped, wouldBeLost, change.error, isConflict])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A form in a portal is still inside of whatever form is around it.
    event.stopPropagation()
    if (!isReady || change.isPending) return
    isTyped.current = false
    onSubmit()
  }
  return (
    <form ref={beginAtFirstField} onSubmit={submit} onKeyDown={submitOnControlEnter} noValidate={hasOwnFaults}>
      <Stack>
        {props.children}
        {props.conflict || (
          <ProblemAlert error={change.error} {...(props.failed !== undefined && { title: props.failed })} />
        )}
        <Group justify="end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!isReady} {...(isDangerous && { color: 'red' })}>
            {action}
          </Button>
        </Group>
        {props.footer}
      </Stack>
    </form>
  )
}

/** Where somebody begins to type. The choice between form and JSON comes before, and is none. */
const FIRST_FIELD =
  '[data-autofocus], input:not([type=radio], [type=hidden], :disabled), textarea:not(:disabled), select:not(:disabled)'

/** The focus begins in the form, and not at the button that closes it; also where what is edited had to be read first. */
function beginAtFirstField(form: HTMLFormElement | null): void {
  const field = form?.querySelector<HTMLElement>(FIRST_FIELD)
  // What the dialog looks for.
  field?.setAttribute('data-autofocus', 'true')
  // The dialog first takes down where the focus was.
  setTimeout(() => {
    if (form?.contains(document.activeElement) === false) field?.focus({ preventScroll: true })
  })
}

function submitOnControlEnter(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
}

interface SaveFormProps<T, Fields> {
  readonly save: Save<T>
  readonly fields: Fields
  /** All that can be typed, where that is more. */
  readonly typed?: unknown
  readonly isReady?: boolean
  /** What of a version the form is about. */
  readonly fieldsOf: (version: T) => unknown
  /** Fills the form with another version. */
  readonly onTake: (version: T) => void
  readonly children: ReactNode
}

/** The form of something that has a version: where somebody else was faster, it shows both. */
export function SaveForm<T, Fields>(props: SaveFormProps<T, Fields>) {
  const { save, fields, typed = fields, isReady = true, fieldsOf, onTake, children } = props
  const t = useT()
  const { theirs } = save
  return (
    <DialogForm
      typed={typed}
      action={t('action.save')}
      change={save}
      onSubmit={save.submit}
      isReady={isReady && theirs === null}
      conflict={
        theirs !== null && (
          <ConflictAlert
            theirs={fieldsOf(theirs.value)}
            yours={fields}
            onTakeTheirs={() => {
              onTake(theirs.value)
              save.takeTheirs()
            }}
            onOverwrite={save.overwrite}
          />
        )
      }
    >
      {children}
    </DialogForm>
  )
}
