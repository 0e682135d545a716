/** Node has it; TypeScript knows it only of browsers. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: unknown } }
}

/** A module of one function `f`, which does nothing but trap. */
const bytes = Buffer.from('0061736d0100000001040160000003020100070501016600000a05010300000b', 'hex')

/** A real trap of WebAssembly, as a panic of Automerge is one. */
export const trap = (): never => {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as { f: () => never }
  return f()
}
