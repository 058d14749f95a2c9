import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './commands.ts'

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly certificate: string
  readonly key: string
}

/** A small certificate authority in a folder of its own; it needs `openssl`. */
export class Authority {
  readonly pair: Pair
  private readonly folder: string
  private count = 0

  constructor(folder: string) {
    this.folder = folder
    const extension = ['-addext', 'basicConstraints=critical,CA:TRUE']
    const files = this.files('ca')
    run('req', '-x509', ...KEY, '-subj', '/CN=Test CA', '-keyout', files.key, '-out', files.pem, ...extension)
    this.pair = read(files)
  }

  /** A certificate for names as OpenSSL writes them: `DNS:a.test`, `IP:127.0.0.1`. With `days` below 0 it has expired. */
  issue(subject: string, names: readonly string[], days = 30): Pair {
    const files = this.files(`issued-${++this.count}`)
    const [authority, request, extensions] = [this.files('ca'), `${files.pem}.csr`, `${files.pem}.ext`]
    writeFileSync(
      extensions,
      ['basicConstraints=critical,CA:FALSE', ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : [])].join(
        '\n',
      ),
    )
    run('req', ...KEY, '-subj', `/CN=${subject}`, '-keyout', files.key, '-out', request)
    const signing = ['-CA', authority.pem, '-CAkey', authority.key, '-days', String(days), '-extfile', extensions]
    run('x509', '-req', '-in', request, '-out', files.pem, ...signing)
    return read(files)
  }

  private files(name: string) {
    return { pem: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) }
  }
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']

function run(...args: readonly string[]): void {
  execFileSync(findCommand('openssl') ?? 'openssl', [...args], { stdio: ['ignore', 'ignore', 'pipe'] })
}

function read({ pem, key }: { readonly pem: string; readonly key: string }): Pair {
  return { certificate: readFileSync(pem, 'utf8'), key: readFileSync(key, 'utf8') }
}
