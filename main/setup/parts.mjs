/** What the product is built from: one Vite configuration for each process. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { root } from './root.mjs'

const common = ['main/setup/parts.mjs', 'package-lock.json', 'package.json', 'core']
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const base = {
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  define: { PALIMPSEST_VERSION: JSON.stringify(version) },
}

/**
 * What a program does at its start for nothing, each for some 30 ms: Automerge's glue asks whether it was given a `Response`, which makes Node load an HTTP client, in
 * every thread, and `cbor-x` looks for a native helper that the product does not carry.
 */
const quickStart = { Request: 'undefined', Response: 'undefined', 'process.env.CBOR_NATIVE_ACCELERATION_DISABLED': '"true"' }

/** A program for Node or Electron, with everything in it but Node's own modules, `electron` and the named ones. */
function nodeConfig(outDir, { entries, format = 'es', external = [], define = {} }) {
  return {
    ...base,
    define: { ...base.define, ...define },
    ssr: { noExternal: true },
    resolve: { conditions: ['node', 'import', 'module', 'default'], mainFields: ['module', 'main'] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(entries.map((entry) => [basename(entry, '.ts'), join(root, entry)])),
        external: [/^node:/, ...builtinModules, 'electron', ...external],
        output: {
          format,
          entryFileNames: `[name].${format === 'cjs' ? 'cjs' : 'js'}`,
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  }
}

/** React Aria brings its words in thirty languages; the interface has one. It takes an empty module for a language that is not there. */
const oneLanguage = {
  name: 'one-language',
  load: (id) =>
    /\/react-(aria|stately)[^/]*\/.*\/intl\/.*\/(?!en-US)[a-z]{2}-[A-Z]{2}\.m?js$/.test(id.replaceAll('\\', '/'))
      ? 'export default undefined'
      : null,
}

/** The page's entry imports nearly all of its code while other things are under way; the browser fetches that code together with the entry. */
const preloadStart = {
  name: 'preload-start',
  transformIndexHtml: (_, { bundle = {} }) => {
    const withImports = (files) => files.flatMap((file) => [file, ...withImports(bundle[file].imports)])
    const entry = Object.values(bundle).find(({ isEntry }) => isEntry)
    return [...new Set(withImports(entry?.dynamicImports ?? []))]
      .filter((file) => file !== entry.fileName)
      .map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` }, injectTo: 'head' }))
  },
}

/** The page: hashed assets, no inline script, and a placeholder where the host writes the nonce of each answer. */
function pageConfig(outDir) {
  return {
    ...base,
    root: join(root, 'renderer'),
    base: './',
    plugins: [react(), oneLanguage, preloadStart],
    html: { cspNonce: '__CSP_NONCE__' },
    resolve: { conditions: ['browser', 'import', 'module', 'default'] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'chrome148',
      sourcemap: true,
      assetsInlineLimit: 0,
      // One style sheet, from the beginning.
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 4000,
    },
  }
}

/** The entry of a process and those of its worker threads, which stand beside it as `*-worker.ts`. */
function entriesOf(folder, entry) {
  const workers = readdirSync(join(root, folder)).filter((name) => name.endsWith('-worker.ts'))
  return [`${folder}/${entry}`, ...workers.map((name) => `${folder}/${name}`)]
}

/** Product code uses Automerge's `slim` entry; its WebAssembly travels beside the program. */
function copyWasm(outDir) {
  copyFileSync(join(root, 'node_modules/@automerge/automerge/dist/automerge.wasm'), join(outDir, 'automerge.wasm'))
}

export const parts = [
  {
    name: 'engine',
    entry: 'main/engine/process.ts',
    outDir: 'out/engine',
    sources: [...common, 'main/engine'],
    configure: (outDir) =>
      nodeConfig(outDir, { entries: entriesOf('main/engine', 'process.ts'), external: ['better-sqlite3'], define: quickStart }),
    finish: copyWasm,
  },
  {
    name: 'web',
    entry: 'main/web/host.ts',
    outDir: 'out/web',
    sources: [...common, 'main/web', 'main/host'],
    configure: (outDir) => nodeConfig(outDir, { entries: ['main/web/host.ts'] }),
  },
  {
    name: 'main',
    entry: 'main/shell/main.ts',
    outDir: 'out/main',
    sources: [...common, 'main/shell', 'main/host'],
    configure: (outDir) => nodeConfig(outDir, { entries: ['main/shell/main.ts'] }),
  },
  {
    name: 'preload',
    entry: 'preload/preload.ts',
    outDir: 'out/preload',
    sources: [...common, 'preload'],
    configure: (outDir) => nodeConfig(outDir, { entries: ['preload/preload.ts'], format: 'cjs' }),
  },
  {
    name: 'renderer',
    entry: 'renderer/index.html',
    outDir: 'out/renderer',
    sources: [...common, 'renderer', 'assets'],
    configure: pageConfig,
  },
  {
    name: 'relay',
    entry: 'sync-relay/relay.ts',
    outDir: 'sync-relay/dist',
    sources: [...common, 'sync-relay'],
    configure: (outDir) =>
      nodeConfig(outDir, { entries: entriesOf('sync-relay', 'relay.ts'), external: ['better-sqlite3', 'ws', 'pino'], define: quickStart }),
    finish: copyWasm,
  },
]
