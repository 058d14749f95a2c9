import { useBlocker } from '@tanstack/react-router'
import { useT } from '../i18n/index.tsx'

/** Asks before a page with something unsaved is left, by a link or by closing it. */
export function useUnsaved(isDirty: boolean): void {
  const t = useT()
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && current.pathname !== next.pathname && !window.confirm(t('confirm.leave')),
    enableBeforeUnload: isDirty,
  })
}
