import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { answer, api } from '../../api/client.ts'
import { notifyFailed } from '../../components/notify.ts'
import { useT } from './texts.ts'

/** Everything that a design can be written as. YAML is written here: it is the same document. */
const formats = [
  { format: 'openapi-3.1', as: 'yaml', label: 'export.openapiYaml' },
  { format: 'openapi-3.1', as: 'json', label: 'export.openapiJson' },
  { format: 'swagger-2.0', as: 'yaml', label: 'export.swaggerYaml' },
  { format: 'swagger-2.0', as: 'json', label: 'export.swaggerJson' },
] as const

type Format = (typeof formats)[number]

/** Gives the design as a file. */
export function ExportMenu({ service }: { readonly service: string }) {
  const t = useT()
  const save = useMutation({ mutationFn: (format: Format) => download(service, format), onError: notifyFailed })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={save.isPending}>
          {t('design.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format.label} onClick={() => save.mutate(format)}>
            {t(format.label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

async function download(service: string, { format, as }: Format): Promise<void> {
  const document_ = await answer(
    api.GET('/api/v1/services/{serviceId}/openapi', {
      params: { path: { serviceId: service }, query: { format } },
    }),
  )
  const text = as === 'json' ? `${JSON.stringify(document_, null, 2)}\n` : (await import('yaml')).stringify(document_)
  const url = URL.createObjectURL(new Blob([text], { type: as === 'json' ? 'application/json' : 'application/yaml' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${service}.${format}.${as}`
  link.click()
  URL.revokeObjectURL(url)
}
