import { Autocomplete, Textarea, TextInput } from '@mantine/core'
import { useRef } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useOffers } from '../form-context.tsx'
import { isPem, type JsonSchema, kindOf } from '../schema.ts'
import { useInput } from './use-input.tsx'
import { VariableMenu } from './variable-menu.tsx'

/** What is there as text, whatever it is. */
export const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)

const MAX_ROWS = 16

/** One line of text. Emptied, it is left out, and its default holds. */
export function TextField(props: FieldProps) {
  const { schema, value, label } = props
  const { input, change } = useInput(props, true)
  const { policies } = useOffers()
  const box = useRef<HTMLInputElement>(null)
  const common = { ...input, value: textOf(value), placeholder: placeholderOf(schema) }
  const set = (text: string) => change(text === '' ? undefined : text)
  if (schema['x-policy'] === true) return <Autocomplete {...common} data={policies} onChange={set} />
  return (
    <TextInput
      {...common}
      ref={box}
      rightSection={
        schema['x-template'] === true && !input.disabled ? (
          <VariableMenu label={label} box={box} onChange={set} />
        ) : null
      }
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

/** Text of many lines: a body, certificates. */
export function LinesField(props: FieldProps) {
  const { schema, value, label } = props
  const { input, change } = useInput(props, true)
  const box = useRef<HTMLTextAreaElement>(null)
  const set = (text: string) => change(text === '' ? undefined : text)
  return (
    <Textarea
      {...input}
      ref={box}
      autosize
      minRows={isPem(schema) ? 3 : 2}
      maxRows={MAX_ROWS}
      styles={{
        input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
      }}
      spellCheck={false}
      value={textOf(value)}
      placeholder={placeholderOf(schema)}
      rightSectionProps={{ style: { alignItems: 'start', paddingTop: 4 } }}
      rightSection={
        schema['x-template'] === true && !input.disabled ? (
          <VariableMenu label={label} box={box} onChange={set} />
        ) : null
      }
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

/** The default, which holds where a field is left empty; else an example. */
export function placeholderOf(schema: JsonSchema): string {
  if (schema.default !== undefined) return textOf(schema.default)
  const [example] = schema.examples ?? []
  return kindOf(schema) === 'secret' ? '' : textOf(example)
}
