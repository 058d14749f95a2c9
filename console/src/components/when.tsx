import { Text } from '@mantine/core'
import { useLocale } from '../i18n/index.tsx'

/** A moment, as one says it, with the whole of it to be had. */
export function When({ at }: { readonly at: string }) {
  const { language } = useLocale()
  const moment = new Date(at)
  const said = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(moment)
  return (
    <Text component="time" dateTime={at} title={at} size="sm" className="moment">
      {said}
    </Text>
  )
}
