import { Code, Text } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import type { JsonSchema } from './schema.ts'
import { useFormT } from './texts.ts'

/** A sentence with its `code` marks. */
export function Marked({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, place) => {
    // Every other part stands between two marks.
    const key = `${place} ${part}`
    return place % 2 === 0 ? <Fragment key={key}>{part}</Fragment> : <Code key={key}>{part}</Code>
  })
}

/** What a setting means, and what holds where it is left empty, unless the field shows that itself. */
export function Help({ schema, showsDefault }: { readonly schema: JsonSchema; readonly showsDefault: boolean }) {
  const t = useFormT()
  const hasDefault = !showsDefault && isWorthSaying(schema.default)
  if (schema.description === undefined && !hasDefault) return null
  return (
    <>
      <Marked text={schema.description ?? ''} />
      {hasDefault && (
        <Text span inherit>
          {' '}
          {t('field.default')} <Code>{shown(schema.default)}</Code>
        </Text>
      )}
    </>
  )
}

const isWorthSaying = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  JSON.stringify(value) !== '{}' &&
  JSON.stringify(value) !== '[]'

/** A value in a few characters. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
