import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button, Input, Label, TextField } from 'react-aria-components'

interface CopyFieldProps {
  label: string
  /** Null where it is not known here; then `absent` says why. */
  value: string | null
  absent?: string
  autoFocus?: boolean
}

/** Something to be copied and sent: selected when the focus comes, and a button that does it at once. Stands in a `field-row`. */
export function CopyField({ label, value, absent = '', autoFocus = false }: CopyFieldProps) {
  const [isCopied, setCopied] = useState(false)
  async function copy(text: string) {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <>
      <TextField
        className="field"
        value={value ?? absent}
        isReadOnly
        isDisabled={value === null}
        autoFocus={autoFocus}
        onFocus={(event) => event.target instanceof HTMLInputElement && event.target.select()}
      >
        <Label>{label}</Label>
        <Input />
      </TextField>
      {value !== null && (
        <Button className="button" onPress={() => void copy(value)}>
          {isCopied ? <Check aria-hidden="true" size={16} /> : <Copy aria-hidden="true" size={16} />}
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </>
  )
}
