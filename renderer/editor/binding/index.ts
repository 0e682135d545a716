export {
  type BindingOptions,
  bindingPlugin,
  type BoundView,
  composedStretch,
  documentNode,
  isOwn,
  takeBack,
} from './plugin.ts'
