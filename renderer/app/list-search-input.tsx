import { Input } from 'react-aria-components'

/** The field of a list that is searched: assistive technology is told that the list belongs to it, as arrow keys typed here walk the list. */
export function ListSearchInput({ placeholder }: { placeholder: string }) {
  // oxlint-disable-next-line jsx-a11y/role-has-required-aria-props -- the Autocomplete around it gives the field its aria-controls
  return <Input role="combobox" aria-expanded="true" aria-haspopup="listbox" placeholder={placeholder} />
}
