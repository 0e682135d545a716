export { type BindingOptions, bindingPlugin, documentNode } from './plugin.ts'
