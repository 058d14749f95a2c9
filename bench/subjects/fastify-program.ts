import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

/** `node fastify-program.ts PORT UPSTREAM_PORT`: the package as it comes. */
const [, , port, upstreamPort] = process.argv
const server = fastify()
await server.register(httpProxy, { upstream: `http://127.0.0.1:${upstreamPort}` })
await server.listen({ host: '127.0.0.1', port: Number(port) })
