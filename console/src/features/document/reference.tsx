import { createApiReference } from '@scalar/api-reference'
import '@scalar/api-reference/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'

interface ReferenceProps {
  readonly document: Readonly<Record<string, unknown>>
}

/**
 * An OpenAPI document to read. Nothing of it leaves this page: no fonts, telemetry, agents or proxies of the library's makers. Its
 * own client stays hidden: it would send from the page to the gateway, which is another origin that the page may not talk to.
 */
export function Reference({ document: content }: ReferenceProps) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme()
  useEffect(() => {
    if (place.current === null) return
    // It takes its element away with itself, so that each has one of its own.
    const element = window.document.createElement('div')
    place.current.append(element)
    const reference = createApiReference(element, {
      content,
      forceDarkModeState: scheme,
      hideDarkModeToggle: true,
      hideClientButton: true,
      hideTestRequestButton: true,
      withDefaultFonts: false,
      telemetry: false,
      persistAuth: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
      documentDownloadType: 'none',
    })
    return () => {
      reference.destroy()
      element.remove()
    }
  }, [content, scheme])
  return <div ref={place} />
}
