// @uploadx/core speaking tus, with checksums. Argument: JSON of port, directory and storage options.
import { createServer } from 'node:http'
import { DiskStorage, Tus } from '@uploadx/core'

const { port, directory, ...options } = JSON.parse(process.argv[2])
const storage = new DiskStorage({ directory, path: '/files', checksum: 'sha256', ...options })
const tus = new Tus({ storage })
const server = createServer((request, response) => tus.handle(request, response))
// Until it has looked at its disk it answers 503: nobody is to reach it before.
const listen = () => (storage.isReady ? server.listen(port, '127.0.0.1') : setTimeout(listen, 5))
listen()
