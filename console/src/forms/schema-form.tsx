import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { FieldProblem } from '../api/client.ts'
import { JsonEditor } from '../components/json-editor.tsx'
import { check, type Fault } from './check.ts'
import { useExpected } from './expected.ts'
import { Field } from './fields/field.tsx'
import { Members } from './fields/object-field.tsx'
import { FormProvider, type FormState } from './form-context.tsx'
import { parseJson, writeJson } from './json-text.ts'
import { type JsonSchema, kindOf, resolve } from './schema.ts'
import { useFormT } from './texts.ts'

export interface SchemaFormProps {
  readonly schema: JsonSchema
  readonly value: unknown
  /** What the server says is wrong; paths from the root of the value. */
  readonly errors: readonly FieldProblem[]
  readonly onChange: (value: unknown) => void
  readonly disabled?: boolean
  /** Whether what is shown is no value yet (JSON with a mistake, a name that is there twice): it cannot be saved so. */
  readonly onHold?: (isHeld: boolean) => void
}

/** A form for a value of a JSON Schema, and the same value as JSON. What it does not show it keeps. */
export function SchemaForm(props: SchemaFormProps) {
  const t = useFormT()
  const [face, setFace] = useState<'form' | 'json'>('form')
  const [isHeld, setIsHeld] = useState(false)
  const { onHold } = props
  const hold = useCallback(
    (held: boolean) => {
      setIsHeld(held)
      onHold?.(held)
    },
    [onHold],
  )
  return (
    <Stack gap="md">
      <Group justify="end">
        <SegmentedControl
          size="xs"
          value={face}
          // What cannot be a value yet would be lost on the other side.
          disabled={isHeld}
          data={[
            { value: 'form', label: t('form.asForm') },
            { value: 'json', label: t('form.asJson') },
          ]}
          onChange={(next) => setFace(next === 'json' ? 'json' : 'form')}
        />
      </Group>
      {face === 'form' ? <Fields {...props} onHold={hold} /> : <AsJson {...props} onHold={hold} />}
    </Stack>
  )
}

function Fields({ schema: given, value, errors, onChange, disabled = false, onHold }: SchemaFormProps) {
  const schema = resolve(given, given)
  const form = useForm(given, value, errors, disabled, onHold)
  return (
    <FormProvider value={form}>
      {kindOf(schema) === 'object' ? (
        <Members schema={schema} value={value} path="" onChange={onChange} />
      ) : (
        <Field schema={schema} value={value} path="" label={schema.title ?? ''} isRequired onChange={onChange} />
      )}
    </FormProvider>
  )
}

/** What the fields share: what is wrong where, and what somebody has touched. */
function useForm(
  root: JsonSchema,
  value: unknown,
  errors: readonly FieldProblem[],
  isDisabled: boolean,
  onHold: SchemaFormProps['onHold'],
): FormState {
  const said = useSaid()
  const touched = useTouched(errors)
  const hold = useHeld(onHold)
  const faults = useMemo(() => check(root, value), [root, value])
  return useMemo(
    () => ({
      root,
      isDisabled,
      Field,
      errorAt(path, field = path) {
        if (!touched.has(field)) {
          // What the server has said holds until somebody changes it.
          const refused = errors.find((error) => error.path === path)
          if (refused !== undefined) return refused.message
        }
        const fault = faults.find((one) => one.path === path)
        return fault !== undefined && touched.isEver(field) ? said(fault) : undefined
      },
      touch: touched.add,
      hold,
    }),
    [root, isDisabled, errors, faults, touched, hold, said],
  )
}

/** Says what is wrong with a value. */
function useSaid(): (fault: Fault) => string {
  const t = useFormT()
  const expected = useExpected()
  return useCallback(
    ({ keyword, limit }) => t(`fault.${keyword}`, { limit: keyword === 'pattern' ? expected(String(limit)) : limit }),
    [t, expected],
  )
}

interface Touched {
  /** Since the server has last spoken. */
  has(path: string): boolean
  isEver(path: string): boolean
  add(path: string): void
}

/** What somebody has changed; another answer of the server is one that nobody has reacted to yet. */
function useTouched(errors: readonly FieldProblem[]): Touched {
  const state = useRef({ errors, since: new Set<string>(), ever: new Set<string>() })
  if (state.current.errors !== errors) state.current = { ...state.current, errors, since: new Set() }
  return useMemo(
    () => ({
      has: (path) => state.current.since.has(path),
      isEver: (path) => state.current.ever.has(path),
      add(path) {
        state.current.since.add(path)
        state.current.ever.add(path)
      },
    }),
    [],
  )
}

/** Tells when the first field cannot be saved, and when the last one can again. */
function useHeld(onHold: SchemaFormProps['onHold']): FormState['hold'] {
  const held = useRef(new Set<string>())
  return useCallback(
    (path, isHeld) => {
      const before = held.current.size
      if (isHeld) held.current.add(path)
      else held.current.delete(path)
      if (before > 0 !== held.current.size > 0) onHold?.(held.current.size > 0)
    },
    [onHold],
  )
}

function AsJson({ value, errors, onChange, disabled = false, onHold }: SchemaFormProps) {
  const t = useFormT()
  const [typed, setTyped] = useState(() => writeJson(value))
  const parsed = parseJson(typed)
  const isHeld = 'fault' in parsed
  const isOurs = isHeld || writeJson(parsed.value) === writeJson(value)
  useEffect(() => {
    onHold?.(isHeld)
    return () => onHold?.(false)
  }, [onHold, isHeld])
  return (
    <Stack gap="xs">
      <JsonEditor
        label={t('form.json')}
        value={isOurs ? typed : writeJson(value)}
        readOnly={disabled}
        error={isHeld ? t('form.notJson', { fault: parsed.fault }) : undefined}
        onChange={(text) => {
          setTyped(text)
          const next = parseJson(text)
          if (!('fault' in next)) onChange(next.value)
        }}
      />
      {errors.map(({ path, message }) => (
        <Text key={`${path} ${message}`} size="xs" c="red">
          <b>{path.slice(1)}</b> {message}
        </Text>
      ))}
    </Stack>
  )
}
