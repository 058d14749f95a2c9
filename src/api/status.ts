import { Type } from '#bundles/typebox'
import { SideComparison } from '../model/canary.ts'
import { type Api, type ApiContext, may } from './context.ts'
import { GatewayAddress } from './gateway.ts'

const Status = Type.Object({
  version: Type.String({ description: 'Version of the program.' }),
  node: Type.String({ description: 'Version of Node.js.' }),
  gateway: GatewayAddress,
  nodes: Type.Array(
    Type.Object({
      id: Type.String({ description: 'Of the node, which lasts.' }),
      name: Type.String({ description: '`--node-name`.' }),
      workers: Type.Array(
        Type.Object({
          id: Type.Integer(),
          pid: Type.Integer(),
          state: Type.String({ description: 'starting, ready, draining or dead.' }),
          startedAt: Type.String(),
          restarts: Type.Integer(),
          connections: Type.Integer({ description: 'Open client connections.' }),
          webSockets: Type.Integer({ description: 'Those of them that carry a WebSocket.' }),
          requests: Type.Integer(),
          heapUsedBytes: Type.Integer({
            description: "Of the worker's JavaScript heap, in use; as of the last second.",
          }),
        }),
      ),
      memory: Type.Object(
        { residentBytes: Type.Integer(), heapUsedBytes: Type.Integer() },
        { description: "Of the process: all, and of the main thread's JavaScript heap what is in use." },
      ),
      snapshots: Type.Array(
        Type.Object({
          stageId: Type.String(),
          service: Type.String(),
          stage: Type.String(),
          hash: Type.String(),
          routes: Type.Integer(),
          hosts: Type.Array(Type.String()),
          prefix: Type.Union([Type.String(), Type.Null()], { description: 'Path of the base domain; null for none.' }),
          canary: Type.Union(
            [
              Type.Object({
                hash: Type.String(),
                share: Type.Number({ description: 'Percent of the callers.' }),
                sides: SideComparison,
              }),
              Type.Null(),
            ],
            { description: 'The deployment that serves a share beside it; null for none.' },
          ),
        }),
      ),
      requests: Type.Integer({ description: 'Since the program started; current within a second.' }),
      routes: Type.Record(
        Type.String(),
        Type.Object({
          calls: Type.Integer(),
          byGateway: Type.Integer(),
          aborted: Type.Integer(),
          statuses: Type.Record(Type.String(), Type.Integer()),
          plugins: Type.Record(
            Type.String(),
            Type.Object({
              shadowRefusals: Type.Integer({
                description: 'Requests that it would have refused, were it not in shadow.',
              }),
              conditionFailures: Type.Integer({
                description: 'Requests for which its condition failed, so that it ran.',
              }),
              events: Type.Record(Type.String(), Type.Integer(), {
                description: 'What it counts itself, by what it is called: `retries`, `opened`. See its page.',
              }),
            }),
            { description: 'By name of the plugin; only those of which there is anything to tell.' },
          ),
        }),
        { description: 'By id of the method.' },
      ),
      accessLogs: Type.Array(
        Type.Object({
          owner: Type.String({ description: 'SERVICE/STAGE.' }),
          sink: Type.String({ description: 'Kind and name of the sink.' }),
          lines: Type.Integer({ description: 'Lines that were written.' }),
          bytes: Type.Integer(),
          droppedLines: Type.Integer({ description: 'Lines that the sink could not take.' }),
          trouble: Type.Union([Type.String(), Type.Null()], {
            description: 'Why it takes no lines at the moment; null while it does.',
          }),
        }),
        { description: 'Sinks of access logs, since they were set up; current within a second.' },
      ),
    }),
  ),
})

export function statusRoutes(api: Api, { publisher, version, gateway: { port, tlsPort }, deployer }: ApiContext): void {
  api.get(
    '/status',
    {
      ...may('read'),
      schema: { summary: 'Nodes, workers, snapshots and requests', tags: ['Status'], response: { 200: Status } },
    },
    async () => {
      const { workers, snapshots, requests, routes, memory, accessLogs } = publisher.status()
      return {
        version,
        node: process.versions.node,
        gateway: { port, tlsPort, baseDomain: deployer.baseDomain },
        nodes: [
          {
            ...publisher.node,
            workers: [...workers],
            memory,
            snapshots: snapshots.map(({ backends: _, ...one }) => ({ ...one, hosts: [...one.hosts] })),
            requests,
            routes,
            accessLogs: accessLogs.map((one) => ({ ...one })),
          },
        ],
      }
    },
  )
}
