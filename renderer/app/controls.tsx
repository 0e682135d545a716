import type { LucideIcon } from 'lucide-react'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, type ButtonProps, Dialog, Heading, Keyboard, Modal, ModalOverlay, Tooltip, TooltipTrigger } from 'react-aria-components'
import { formatShortcut } from './shortcuts.ts'

/** The small set of controls that the whole interface is made of. */

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'aria-label'> {
  icon: LucideIcon
  /** The accessible name, also shown as the tooltip. */
  label: string
  shortcut?: string
}

export function IconButton({ icon: Icon, label, shortcut, className, ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={600} closeDelay={0}>
      <Button {...props} aria-label={label} className={`icon-button ${typeof className === 'string' ? className : ''}`}>
        <Icon aria-hidden="true" size={18} strokeWidth={1.75} />
      </Button>
      <ShortcutTooltip label={label} shortcut={shortcut} />
    </TooltipTrigger>
  )
}

export function ShortcutTooltip({ label, shortcut }: { label: string; shortcut?: string }) {
  return (
    <Tooltip className="tooltip" offset={6}>
      {label}
      {shortcut && <Keyboard>{formatShortcut(shortcut)}</Keyboard>}
    </Tooltip>
  )
}

interface DialogFrameProps {
  title: string
  /** A class for its size and content. */
  kind: string
  isAlert?: boolean
  onClose(): void
  children: ReactNode
}

/** A dialog in the middle of the window, closed by Escape, by its button or by a click outside. */
export function DialogFrame({ title, kind, isAlert = false, onClose, children }: DialogFrameProps) {
  return (
    <ModalOverlay className="modal-overlay" isOpen isDismissable={!isAlert} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className={`modal ${kind}`}>
        <Dialog className="dialog" role={isAlert ? 'alertdialog' : 'dialog'}>
          <header className="dialog-header">
            <Heading slot="title">{title}</Heading>
            {!isAlert && <IconButton icon={X} label="Close" onPress={onClose} />}
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
