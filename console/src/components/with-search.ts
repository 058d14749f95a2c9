/** Search parameters with some of them changed; those without a value are left out, so that addresses stay short. */
export function withSearch<Search extends Readonly<Record<string, string>>>(
  search: Readonly<Partial<Search>>,
  changes: Readonly<{ [Name in keyof Search]?: string | null | undefined }>,
): Partial<Search> {
  const merged = Object.entries({ ...search, ...changes })
  // Only texts are left of what both have.
  return Object.fromEntries(merged.filter(([, value]) => typeof value === 'string' && value !== '')) as Partial<Search>
}
