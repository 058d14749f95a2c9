/** The pattern of LIKE, with `!` as its escape, for texts that contain this one as it stands. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[!%_]/g, '!$&')}%`
}
