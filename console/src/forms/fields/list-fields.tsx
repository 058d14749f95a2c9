import { Button, MultiSelect, Stack, TagsInput, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { shown } from '../help.tsx'
import { asSchema, at, type JsonSchema, typeOf } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { textOf } from './text-field.tsx'
import { useInput } from './use-input.tsx'

/** More than these are easier to read and to paste as lines. */
const MOST_TAGS = 40
const MAX_ROWS = 14
/** From so many on one would rather type than look. */
const MANY_CHOICES = 8

/** Texts or numbers: as tags while they are few, a line each when they are many. */
export function TextsField(props: FieldProps) {
  const { schema, value } = props
  const texts = Array.isArray(value) ? value.map(textOf) : []
  // It stays what it was when it came: nothing turns into something else while one types.
  const [isLong] = useState(texts.length > MOST_TAGS)
  const { change, ...rest } = useList(props)
  const set = (next: readonly string[]) => change(next.map((text) => readItem(text, asSchema(schema.items))))
  const Field = isLong ? LinesList : TagsList
  return (
    <WithDefault {...props}>
      <Field {...rest} texts={texts} onChange={set} />
    </WithDefault>
  )
}

interface ListProps extends Pick<ReturnType<typeof useList>, 'input' | 'placeholder'> {
  readonly texts: readonly string[]
  readonly onChange: (texts: readonly string[]) => void
}

function TagsList({ input, placeholder, texts, onChange }: ListProps) {
  const t = useFormT()
  return (
    <TagsInput
      {...input}
      value={[...texts]}
      placeholder={texts.length === 0 ? placeholder || t('field.addHint') : ''}
      // Names of certificates have commas in them; a pasted list has lines.
      splitChars={['\n']}
      isDuplicate={(text, others) => others.includes(text)}
      onChange={onChange}
    />
  )
}

function LinesList({ input, texts, onChange }: ListProps) {
  const t = useFormT()
  const [typed, setTyped] = useState(() => texts.join('\n'))
  return (
    <Textarea
      {...input}
      autosize
      minRows={4}
      maxRows={MAX_ROWS}
      placeholder={t('field.oneALine')}
      styles={{
        input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
      }}
      spellCheck={false}
      value={typed}
      onChange={(event) => {
        const text = event.currentTarget.value
        setTyped(text)
        onChange(linesOf(text))
      }}
    />
  )
}

/** The lines of a text that say something. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Some of a few. */
export function ChoicesField(props: FieldProps) {
  const { schema, value } = props
  const choices = asSchema(schema.items).enum ?? []
  const chosen = Array.isArray(value) ? value.map(shown) : []
  const { input, placeholder, change } = useList(props)
  return (
    <WithDefault {...props}>
      <MultiSelect
        {...input}
        data={[...new Set([...choices.map(shown), ...chosen])]}
        value={chosen}
        placeholder={chosen.length === 0 ? placeholder : ''}
        searchable={choices.length > MANY_CHOICES}
        onChange={(next) => change(next.map((text) => choices.find((choice) => shown(choice) === text) ?? text))}
      />
    </WithDefault>
  )
}

/** Binds a list: it shows what is wrong with its items too, which have no field of their own. */
function useList(props: FieldProps) {
  const { schema, path, value } = props
  const { input, change } = useInput(props, value === undefined)
  const { errorAt } = useFormState()
  const items = Array.isArray(value) ? value : []
  const [fault] = items.flatMap((item, place) => {
    const error = errorAt(at(path, place), path)
    return error === undefined ? [] : [`${textOf(item)}: ${error}`]
  })
  return {
    input: { ...input, error: input.error ?? fault },
    placeholder: value === undefined ? shown(schema.default ?? '') : '',
    change,
  }
}

/** An emptied list means nothing at all; so there is a way back to the default. */
function WithDefault({ schema, value, path, children, onChange }: FieldProps & { readonly children: ReactNode }) {
  const t = useFormT()
  const { isDisabled, touch } = useFormState()
  const hasOther = Array.isArray(schema.default) && schema.default.length > 0 && value !== undefined
  if (!hasOther || isDisabled || JSON.stringify(value) === JSON.stringify(schema.default)) return children
  return (
    <Stack gap={2} align="stretch">
      {children}
      <Button
        size="compact-xs"
        variant="subtle"
        style={{ alignSelf: 'start' }}
        onClick={() => {
          touch(path)
          onChange(undefined)
        }}
      >
        {t('field.useDefault')}
      </Button>
    </Stack>
  )
}

/** What was typed as what the schema wants; what cannot be that stays text, and is wrong. */
function readItem(text: string, items: JsonSchema): unknown {
  const type = typeOf(items)
  if (type !== 'integer' && type !== 'number') return text
  const number = Number(text)
  return text.trim() === '' || Number.isNaN(number) ? text : number
}
