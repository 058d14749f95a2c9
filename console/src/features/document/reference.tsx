import { createApiReference } from '@scalar/api-reference'
import '@scalar/api-reference/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'

/** Its own greys, greens and reds are too pale to be read by everybody (WCAG 2.2, 1.4.3). */
const COLOURS = `
.light-mode { --scalar-color-3: #62686e; --scalar-color-green: #00683f; --scalar-color-red: #b80000; --scalar-color-orange: #9a4500; --scalar-color-yellow: #7a5900 }
.dark-mode { --scalar-color-3: #a9adb2; --scalar-color-red: #ff8a8a }
`

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
    // It takes itself for all of the page; there is one main part already.
    const roles = new MutationObserver(() => element.querySelector('main')?.setAttribute('role', 'group'))
    roles.observe(element, { childList: true, subtree: true })
    const reference = createApiReference(element, {
      content,
      customCss: COLOURS,
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
      roles.disconnect()
      reference.destroy()
      element.remove()
    }
  }, [content, scheme])
  return <div ref={place} />
}
