import { JsonInput } from '@mantine/core'
import { useState } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useHold } from '../form-context.tsx'
import { parseJson, writeJson } from '../json-text.ts'
import { useFormT } from '../texts.ts'
import { useInput } from './use-input.tsx'

/** Whatever no other field can show, as JSON. */
export function JsonField(props: FieldProps) {
  const t = useFormT()
  const { value, path } = props
  const { input, change } = useInput(props)
  const [typed, setTyped] = useState(() => writeJson(value))
  const parsed = parseJson(typed)
  const isOurs = 'fault' in parsed || writeJson(parsed.value) === writeJson(value)
  useHold(path, 'fault' in parsed)
  return (
    <JsonInput
      {...input}
      autosize
      minRows={1}
      maxRows={16}
      spellCheck={false}
      styles={{
        input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
      }}
      value={isOurs ? typed : writeJson(value)}
      error={'fault' in parsed ? t('form.notJson', { fault: parsed.fault }) : input.error}
      onChange={(text) => {
        setTyped(text)
        const next = parseJson(text)
        if (!('fault' in next)) change(next.value)
      }}
    />
  )
}
