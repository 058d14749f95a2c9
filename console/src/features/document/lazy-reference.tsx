import { lazy, Suspense } from 'react'
import { Loading } from '../../components/faces.tsx'

/** The library is larger than all of the console: it is loaded when a document is read. */
const Reference = lazy(() => import('./reference.tsx').then(({ Reference }) => ({ default: Reference })))

/** An OpenAPI document to read. */
export function LazyReference({ document }: { readonly document: Readonly<Record<string, unknown>> }) {
  return (
    <Suspense fallback={<Loading />}>
      <Reference document={document} />
    </Suspense>
  )
}
