import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathWithSbin } from '../packages.ts'
import { freePort, listening, start } from '../process.ts'
import type { Subject, SubjectContext } from './subject.ts'

/** About 100 bytes of JSON. */
const BODY = '{"id":4711,"name":"A name long enough to bring the body to about 100 bytes","ok":true,"count":12}'

function config(folder: string, name: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${name}-${kind};`)
    .join(' ')
  return `worker_processes 1; daemon off; pid ${folder}/${name}.pid; error_log ${folder}/${name}.log;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 100000000; ${temporary} ${http} }`
}

async function run(folder: string, name: string, port: number, http: string): Promise<Subject> {
  const file = join(folder, `${name}.conf`)
  writeFileSync(file, config(folder, name, http))
  const child = start('nginx', ['-c', file, '-e', join(folder, `${name}.log`)], pathWithSbin())
  await listening(port)
  return { name, port, pid: child.pid ?? 0 }
}

/** The backend of all subjects. */
export async function startUpstream(folder: string): Promise<Subject> {
  const port = await freePort()
  return run(
    folder,
    'upstream',
    port,
    `server { listen 127.0.0.1:${port} backlog=4096; location / { default_type application/json; return 200 '${BODY}'; } }`,
  )
}

/** nginx as a proxy: bare \`proxy_pass\` with keep-alive to the upstream. */
export async function startNginx({ folder, upstreamPort }: SubjectContext): Promise<Subject> {
  const port = await freePort()
  const upstream = `upstream backend { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }`
  return run(
    folder,
    'nginx',
    port,
    `${upstream} server { listen 127.0.0.1:${port} backlog=4096; location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
  )
}
