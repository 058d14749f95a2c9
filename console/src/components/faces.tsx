import { Alert, Button, Center, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconAlertTriangle, IconMoodPuzzled, type IconProps } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ComponentType, ReactNode } from 'react'
import { ApiProblem, Unreachable } from '../api/client.ts'
import { useT } from '../i18n/index.tsx'
import { TextLink } from './text-link.tsx'
import { useTitle } from './use-title.ts'

/** The faces of something that is read: loading, failed, empty, there. */

interface FacesProps<T> {
  readonly query: UseQueryResult<T>
  /** What is shown while there is nothing yet: about as large as what will come. */
  readonly loading?: ReactNode
  readonly isEmpty?: (data: T) => boolean
  readonly empty?: ReactNode
  readonly children: (data: T) => ReactNode
}

export function Faces<T>({ query, loading = <Loading />, isEmpty, empty, children }: FacesProps<T>) {
  const { data, error } = query
  if (data !== undefined) return isEmpty?.(data) === true ? empty : children(data)
  if (error !== null) return <Failed error={error} onRetry={() => void query.refetch()} />
  return loading
}

export function Loading({ rows = 5 }: { readonly rows?: number }) {
  const t = useT()
  return (
    <Stack role="status" aria-label={t('state.loading')} gap="xs">
      {Array.from({ length: rows }, (_, row) => `row ${row}`).map((key) => (
        <Skeleton key={key} height={36} radius="sm" />
      ))}
    </Stack>
  )
}

export function Failed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const t = useT()
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('state.failed')}>
      <Stack gap="sm" align="start">
        <Text size="sm">{error instanceof Unreachable ? t('state.unreachable') : error.message}</Text>
        <Button size="xs" variant="default" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      </Stack>
    </Alert>
  )
}

interface EmptyProps {
  readonly icon: ComponentType<IconProps>
  readonly title: string
  readonly hint: string
  /** 1 where it is all there is of a page. */
  readonly order?: 1 | 2
  /** The next thing to do. */
  readonly children?: ReactNode
}

export function Empty({ icon: Icon, title, hint, order = 2, children }: EmptyProps) {
  return (
    <Center mih={280}>
      <Stack align="center" gap="sm" maw={420}>
        <ThemeIcon size={56} radius="xl" variant="light">
          <Icon size={28} aria-hidden />
        </ThemeIcon>
        <Title order={order} size="h4">
          {title}
        </Title>
        <Text c="dimmed" ta="center">
          {hint}
        </Text>
        {children}
      </Stack>
    </Center>
  )
}

/** A URL that names nothing. */
export function NotFound() {
  const t = useT()
  useTitle(t('state.notFound'))
  return (
    <Empty order={1} icon={IconMoodPuzzled} title={t('state.notFound')} hint={t('state.notFoundHint')}>
      <TextLink to="/">{t('nav.overview')}</TextLink>
    </Empty>
  )
}

/** A view that could not be shown: what it reads was refused, or it has a defect. */
export function PageFailed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  if (error instanceof ApiProblem && error.status === 404) return <NotFound />
  return <Failed error={error} onRetry={onRetry} />
}
