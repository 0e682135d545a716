export {
  type BindingOptions,
  bindingPlugin,
  type BoundView,
  composedStretch,
  documentNode,
  isOwn,
  redo,
  takeBack,
  undo,
} from './plugin.ts'
