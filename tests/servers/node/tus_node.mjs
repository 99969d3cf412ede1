// @tus/server with its file store. Argument: JSON of port, directory, expirationPeriodInMilliseconds and server options.
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const { port, directory, expirationPeriodInMilliseconds, ...options } = JSON.parse(process.argv[2])
const datastore = new FileStore({ directory, expirationPeriodInMilliseconds })
const server = new Server({ path: '/files', datastore, ...options })
if (expirationPeriodInMilliseconds > 0) setInterval(() => server.cleanUpExpiredUploads(), expirationPeriodInMilliseconds)
server.listen({ host: '127.0.0.1', port })
