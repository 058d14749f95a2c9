#!/usr/bin/env node
// Starts `turnpike` on the Node.js that the project pins. Plain JavaScript, because the caller's own Node may be too old
// for TypeScript: this file must run on Node 20.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REQUIRED_MAJOR = 26

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  const bundles = join(import.meta.dirname, '../bundles/dist')
  if (!existsSync(bundles)) {
    console.error(
      `turnpike is not built: there is no ${bundles}. Run "npm install" (or "npm run prepare") in its folder.`,
    )
    process.exit(1)
  }
  // Keeps compiled TypeScript between starts: halves the time to the first answer. Workers find the folder by the variable;
  // without it each of them would load the compiler, which takes 25 MB.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'turnpike-compile-cache')
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import('../src/main.ts')
} else {
  const node = pinnedNode(dirname(fileURLToPath(import.meta.url)))
  if (node === null) {
    console.error(
      `turnpike needs Node.js ${REQUIRED_MAJOR}, but runs on ${process.versions.node} and found none in node_modules. ` +
        `Run "npm install" (without --omit=optional), or start it with a newer Node.js.`,
    )
    process.exit(1)
  }
  runOn(node)
}

/** Finds the `node` that npm linked for this platform: in our own node_modules, or in the one that holds us. */
function pinnedNode(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', '.bin', 'node')
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return null
  }
}

/** Runs this same command line on another `node`, passing signals on and ending as it ends. */
function runOn(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`turnpike could not start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
