import { Component, type ReactNode } from 'react'

/** In the window's place when drawing it failed: says so, and offers a new start of the page. What was written is kept and sent meanwhile. */
export class FaultPage extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children
    return (
      <main className="page page-empty" role="alert">
        <p>This window could not be drawn. Every word you wrote is kept on this computer.</p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Open the window again
        </button>
      </main>
    )
  }
}
