import { Input, Textarea } from '@mantine/core'
import { lazy, Suspense, useId } from 'react'
import { useT } from '../i18n/index.tsx'

const Code = lazy(() => import('./json-code.tsx').then(({ JsonCode }) => ({ default: JsonCode })))

export interface JsonEditorProps {
  readonly label: string
  readonly description?: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly readOnly?: boolean
}

/** A text of JSON, with colours, folding, and what is wrong with it where it is wrong. Escape, then Tab leaves it. */
export function JsonEditor({ label, description, value, onChange, error, readOnly = false }: JsonEditorProps) {
  const t = useT()
  const id = useId()
  const hint = [description, readOnly ? undefined : t('json.leave')].filter((text) => text !== undefined).join(' ')
  return (
    <Input.Wrapper
      // The editor is no input: its label names it, and is no `label` element.
      labelElement="div"
      label={label}
      description={hint}
      descriptionProps={{ id: `${id}-hint` }}
      error={error}
      errorProps={{ id: `${id}-error` }}
    >
      <Suspense fallback={<Textarea aria-label={label} readOnly value={value} autosize minRows={6} maxRows={24} />}>
        <Code
          label={label}
          describedBy={error === undefined ? `${id}-hint` : `${id}-hint ${id}-error`}
          value={value}
          readOnly={readOnly}
          onChange={onChange}
        />
      </Suspense>
    </Input.Wrapper>
  )
}
