import { Alert, Code, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { ApiProblem } from '../../api/client.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { excerptOf, lineOf } from './lines.ts'
import { useT } from './texts.ts'

/** More than that nobody mends at once. */
const SHOWN = 50

/** What is wrong with a document, each with the line where it is. */
export function DocumentProblems({ error, text }: { readonly error: Error | null; readonly text: string }) {
  const t = useT()
  if (!(error instanceof ApiProblem) || error.errors.length === 0) return <ProblemAlert error={error} />
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('problems.title')}>
      <Text size="sm">{error.message}</Text>
      <List size="sm" mt="xs" spacing="xs" styles={{ itemWrapper: { display: 'block' } }}>
        {error.errors.slice(0, SHOWN).map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>
            {lineOf(message) === null && path !== '' && <b>{path.slice(1)} </b>}
            {message}
            <Where text={text} line={lineOf(message)} />
          </List.Item>
        ))}
      </List>
      {error.errors.length > SHOWN && (
        <Text size="sm">{t('problems.more', { count: error.errors.length - SHOWN })}</Text>
      )}
    </Alert>
  )
}

function Where({ text, line }: { readonly text: string; readonly line: number | null }) {
  const excerpt = line === null ? null : excerptOf(text, line)
  if (excerpt === null) return null
  return (
    <Code block mt={4} style={{ overflowX: 'auto' }} tabIndex={0}>
      {excerpt.lines.map(({ number, text }) => (
        <span key={number} className={number === excerpt.line ? 'line-differs' : undefined}>
          {String(number).padStart(5)} {text}
          {'\n'}
        </span>
      ))}
    </Code>
  )
}
