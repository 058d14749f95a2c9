import { createHash } from 'node:crypto'
import { type Api, may } from './context.ts'

/** The page of the set-up link: where the first user chooses name and password. */

const SCRIPT = `
const form = document.querySelector('form')
const told = document.querySelector('output')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
  const { name, password } = Object.fromEntries(new FormData(form))
  const answer = await fetch('/api/v1/setup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, name, password }),
  }).catch(() => null)
  if (answer?.ok) {
    form.remove()
    told.textContent = 'Done: you are an admin. Log in from the command line with "turnpike login".'
    return
  }
  const problem = await answer?.json().catch(() => null)
  const errors = problem?.errors?.map(({ path, message }) => path.slice(1) + ' ' + message) ?? []
  told.textContent = [problem?.detail ?? 'The server does not answer: is it still running?', ...errors].join(' ')
})
`
const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
label { display: block; margin: 1rem 0 }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem }
button { font: inherit; padding: .5rem 1rem }
output { display: block; margin-top: 1rem }
`
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Set up Turnpike</title><style>${STYLE}</style></head>
<body><main>
<h1>Set up Turnpike</h1>
<p>Make the first user. It is an admin, who can make others.</p>
<form>
<label>Name <input name="name" autocomplete="username" required pattern="[a-z0-9][a-z0-9._@+\\-]*" title="Lower-case letters, digits, and . _ - @ +" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="256"></label>
<button>Make the user</button>
</form>
<output role="status"></output>
</main><script>${SCRIPT}</script></body>
</html>
`
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const POLICY = `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`

export function setUpPage(api: Api): void {
  api.get('/setup', { ...may('public'), schema: { hide: true } }, (_, reply) =>
    reply
      .headers({
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .serializer(String)
      .send(PAGE),
  )
}
