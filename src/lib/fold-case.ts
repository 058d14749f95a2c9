/** A text as it is searched for and in: without the differences that people do not mean (Unicode NFKC, then lower case). */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
