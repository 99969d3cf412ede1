// @uploadx/core speaking tus, with checksums. Argument: JSON of port, directory and storage options.
import { createServer } from 'node:http'
import { DiskStorage, Tus } from '@uploadx/core'

const { port, directory, ...options } = JSON.parse(process.argv[2])
const tus = new Tus({ storage: new DiskStorage({ directory, path: '/files', checksum: 'sha256', ...options }) })
createServer((request, response) => tus.handle(request, response)).listen(port, '127.0.0.1')
