/** Connections with a document of their own each, which do nothing any more. Takes server, address and number from the command line; prints `ready` when all have joined. */
import { hocuspocusIdlers } from './hocuspocus-writers.ts'
import { palimpsestIdlers } from './palimpsest-writers.ts'

const [server = '', address = '', count = ''] = process.argv.slice(2)
if (server === 'hocuspocus') await hocuspocusIdlers(address, Number(count))
else await palimpsestIdlers(address, Number(count), server === 'palimpsest')
console.log('ready')
