export { type BindingOptions, bindingPlugin, composedStretch, documentNode, redo, undo } from './plugin.ts'
