import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommand } from '../../tests/support/commands.ts'
import { freePort } from '../../tests/support/turnpike.ts'
import { startServer } from '../processes.ts'
import type { Peer, PeerContext, Subject } from './subject.ts'

/** nginx as a proxy: bare `proxy_pass`, connections to the upstream kept alive. */
export const nginx: Peer = {
  name: 'nginx',
  isInstalled: () => hasCommand('nginx'),
  start: ({ folder, upstreamPort, identity }) =>
    startNginx({
      identity,
      name: 'nginx',
      folder,
      http: `upstream backend { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }`,
      location: 'proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";',
    }),
}

/** Starts an nginx with one worker, no access log, and one location for everything. */
export async function startNginx(site: {
  readonly name: string
  readonly folder: string
  readonly http: string
  readonly location: string
  /** To speak TLS as well. */
  readonly identity?: PeerContext['identity'] | undefined
  /** More that `listen` says. */
  readonly listen?: string
}): Promise<Subject> {
  const { name, folder, identity } = site
  const port = await freePort()
  const tlsPort = identity === undefined ? null : await freePort()
  const tls =
    identity === undefined
      ? ''
      : `listen 127.0.0.1:${tlsPort} ssl backlog=4096; ssl_certificate ${identity.certificate}; ssl_certificate_key ${identity.key}; ssl_protocols TLSv1.2 TLSv1.3;`
  const file = join(folder, `${name}.conf`)
  const log = join(folder, `${name}.log`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/${name}-${kind};`,
  )
  writeFileSync(
    file,
    `worker_processes 1;
daemon off;
pid ${folder}/${name}.pid;
error_log ${log};
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 100000000;
${temporary.join('\n')}
  ${site.http}
  server {
    listen 127.0.0.1:${port} backlog=4096${site.listen === undefined ? '' : ` ${site.listen}`};
    ${tls}
    location / { ${site.location} }
  }
}
`,
  )
  return { name, port, tlsPort, ...(await startServer('nginx', ['-c', file, '-e', log], port)) }
}
