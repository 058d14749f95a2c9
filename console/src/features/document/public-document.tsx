import { Box } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ApiProblem } from '../../api/client.ts'
import { Empty, Failed, Loading } from '../../components/faces.tsx'
import { LazyReference } from './lazy-reference.tsx'
import { publicDocumentQuery } from './queries.ts'
import { useDocumentT } from './texts.ts'

/** The one view that asks nobody who they are: the API document of a stage that makes it public. */
export function PublicDocument({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useDocumentT()
  const { data, error, refetch } = useQuery(publicDocumentQuery(service, stage))
  useEffect(() => {
    document.title = `${service} · ${t('document.title')}`
  }, [service, t])
  return (
    <Box component="main">
      {data !== undefined && <LazyReference document={data} />}
      {data === undefined && error === null && <Loading />}
      {data === undefined && error !== null && <Refused error={error} onRetry={() => void refetch()} />}
    </Box>
  )
}

function Refused({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const t = useDocumentT()
  if (error instanceof ApiProblem && error.status === 404)
    return <Empty icon={IconLock} title={t('document.notPublic')} hint={t('document.notPublicHint')} />
  return <Failed error={error} onRetry={onRetry} />
}
