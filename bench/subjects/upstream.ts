import { startNginx } from './nginx.ts'
import type { Subject } from './subject.ts'

/** About 100 bytes of JSON. */
const BODY = '{"id":4711,"name":"A name long enough to bring the body to about 100 bytes","ok":true,"count":12}'

/** The backend of all subjects: an nginx that answers everything with the same few bytes. Called straight, it is `direct`. */
export function startUpstream(folder: string): Promise<Subject> {
  return startNginx({
    name: 'direct',
    folder,
    http: '',
    location: `default_type application/json; return 200 '${BODY}';`,
  })
}
