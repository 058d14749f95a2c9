/** Values by host names, exact ones and wildcards (`*.example.com`): the most specific name wins. */
export class NameTable<T> {
  private readonly exact = new Map<string, T>()
  private readonly wild = new Map<string, T>()

  /** Of several values for one name the last stays. */
  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    for (const [name, value] of entries) {
      if (name.startsWith('*.')) this.wild.set(name.slice(2), value)
      else this.exact.set(name, value)
    }
  }

  /** The value for a host (lower case); undefined where no name fits. A wildcard stands for one label (RFC 6125, section 6.4.3). */
  find(host: string): T | undefined {
    return this.exact.get(host) ?? this.wild.get(host.slice(host.indexOf('.') + 1))
  }
}
