import { Socket } from 'node:net'

/**
 * All sockets of a worker read into one buffer: no allocation per read, and none held by connections that wait. What has to
 * outlive the call is copied by whoever keeps it.
 */
export const readBuffer = Buffer.allocUnsafeSlow(65_536)

/**
 * Makes an accepted socket read into `readBuffer`, calling `onRead` with the number of bytes. `node:net` offers that for
 * sockets that one opens, not for those that a server accepts, so the connection is handed over from one `Socket` to another:
 * the server must accept with `pauseOnConnect`, so that nothing has been read yet. It saves a buffer and a tenth of the CPU
 * time of each request.
 */
export function readInto(accepted: Socket, onRead: (size: number) => void): Socket {
  const from = accepted as unknown as { _handle: unknown }
  const handle = from._handle
  from._handle = null
  // The server counts the socket as gone: who accepts connections counts them.
  accepted.destroy()
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: readBuffer,
      callback(size: number) {
        onRead(size)
        return true
      },
    },
  }
  // The types do not know `handle`, which is how the server itself makes its sockets.
  return new Socket(options as ConstructorParameters<typeof Socket>[0])
}
