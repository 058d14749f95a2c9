import { Alert, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { ApiProblem, Unreachable } from '../api/client.ts'
import { useT } from '../i18n/index.tsx'

interface ProblemAlertProps {
  readonly error: Error | null
  readonly isLogin?: boolean
  /** What was not done, where it was something else than saving. */
  readonly title?: string
}

/** Why something was not done, with every field that is wrong. */
export function ProblemAlert({ error, isLogin = false, title }: ProblemAlertProps) {
  const t = useT()
  if (error === null) return null
  // A session that has ended asks for the login by itself.
  if (!isLogin && error instanceof ApiProblem && error.status === 401) return null
  const errors = error instanceof ApiProblem ? error.errors : []
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={title ?? t(isLogin ? 'problem.notLoggedIn' : 'problem.notSaved')}
    >
      <Text size="sm">{error instanceof Unreachable ? t('state.unreachable') : error.message}</Text>
      {errors.length > 0 && (
        <List size="sm" mt="xs">
          {errors.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              <b>{path.slice(1)}</b> {message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}
