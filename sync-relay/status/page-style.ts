/** The app's colours and type (`renderer/styles/tokens.css`), without its fonts: the page brings nothing that must be fetched. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fdfbf7, #211f1c);
  --raised: light-dark(#fffefb, #2b2825);
  --ink: light-dark(#2a2520, #e8e1d6);
  --ink-soft: light-dark(#5f564d, #b5aca0);
  --line: light-dark(#e4dccf, #37322c);
  --accent: light-dark(#1c665d, #7bcabb);
  --warn: light-dark(#8a4b00, #eab565);
}
@media (prefers-contrast: more) {
  :root {
    --page: light-dark(#ffffff, #000000);
    --raised: light-dark(#ffffff, #000000);
    --ink: light-dark(#000000, #ffffff);
    --ink-soft: light-dark(#2a2520, #e8e1d6);
    --line: light-dark(#6b6259, #a89f93);
    --accent: light-dark(#00443c, #a5f0e1);
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  max-width: 880px; margin: 0 auto; padding: 48px 24px; background: var(--page); color: var(--ink);
  font: 400 14px / 20px "Inter Variable", Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font: 500 28px / 36px "Literata Variable", Literata, Georgia, serif; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin-bottom: 4px; font-size: 14px; font-weight: 600; }
.state { margin: 8px 0 32px; color: var(--ink-soft); }
.dot { display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 50%; background: var(--accent); }
[data-healthy="false"] { color: var(--warn); }
[data-healthy="false"] .dot { background: var(--warn); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin-bottom: 32px; }
figure { display: flex; flex-direction: column; padding: 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
figcaption { color: var(--ink-soft); }
figure p { margin: 4px 0 12px; font-size: 20px; line-height: 28px; }
svg { display: block; width: 100%; margin-top: auto; height: 32px; border-bottom: 1px solid var(--line); }
polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.table { margin-bottom: 32px; }
dl { border-top: 1px solid var(--line); }
dl div { display: flex; justify-content: space-between; gap: 16px; padding: 8px 0; border-bottom: 1px solid var(--line); }
dt { color: var(--ink-soft); }
dd { text-align: right; }
.note { color: var(--ink-soft); }
.note + .note { margin-top: 8px; }
a { color: var(--accent); text-underline-offset: 2px; }
pre { margin-top: 16px; padding: 12px 16px; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
code { font-family: "JetBrains Mono Variable", ui-monospace, monospace; }
[data-state="closed"] main > * + * { margin-top: 16px; }
@media (forced-colors: active) { polyline { stroke: CanvasText; } .dot { background: CanvasText; } }
`
