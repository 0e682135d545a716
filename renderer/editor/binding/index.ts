export { type BindingOptions, bindingPlugin, documentNode, redo, undo } from './plugin.ts'
