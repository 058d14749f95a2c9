/** A text as one word of a shell command: as it is where that will do, else in single quotes. */
export const shellWord = (text: string): string =>
  /^[\w./:@+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
