import { useParams } from '@tanstack/react-router'
import { Page } from '../../components/page.tsx'
import { ImportForm } from './import-form.tsx'
import { useT } from './texts.ts'

/** Brings a document into a service that is there. */
export function ImportPage() {
  const t = useT()
  const { service } = useParams({ from: '/services/$service' })
  return (
    <Page
      title={t('import.title')}
      lead={t('import.lead')}
      crumbs={[{ label: t('import.design'), to: `/services/${service}/design` }]}
    >
      <ImportForm service={service} />
    </Page>
  )
}

/** Makes a service of a document. */
export function NewServiceFromDocument() {
  const t = useT()
  return (
    <Page
      title={t('import.newTitle')}
      lead={t('import.newLead')}
      crumbs={[{ label: t('import.services'), to: '/services' }]}
    >
      <ImportForm service={null} />
    </Page>
  )
}
