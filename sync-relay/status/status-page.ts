/**
 * The status page: what a relay is doing, for its owners. It brings nothing from elsewhere and looks like the app. The figures are drawn here, the first time with
 * the page and then every few seconds as a fragment that takes their place.
 */
import type { Figures, Interval } from '../metrics/figures.ts'
import { fileBytes } from '../metrics/figures.ts'
import { closeWords } from './close-words.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'

export interface Described {
  /** Under which writers reach the relay. */
  address: string
  figures: Figures
  /** Whether it has people, of whom the audit log tells. */
  hasAudit: boolean
}

/** Nothing but what stands in the page itself, and its own figures. */
export const contentPolicy = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export const statusPage = (described: Described, nonce: string): string =>
  page(
    nonce,
    'open',
    `<main id="figures">${statusFigures(described)}</main><p class="note" id="note" role="status">Live: new figures every five seconds.</p>${
      described.hasAudit ? '<p class="note"><a href="status/audit" download>Save the audit log</a></p>' : ''
    }`,
  )

/** For somebody who has not come with a link. */
export const closedPage = (nonce: string): string =>
  page(
    nonce,
    'closed',
    `<main><h1>This page is for the relay’s owners</h1>
    <p id="note" role="status">Whoever runs the relay opens it in the app, by <i>Settings</i>, <i>Relay</i>, or with a link, which is good once. On the relay’s computer, this prints one:</p>
    <pre><code>palimpsest-relay stats --link</code></pre></main>`,
  )

const page = (nonce: string, state: 'open' | 'closed', body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Relay status</title>
<style nonce="${nonce}">${pageStyle}</style>
<body data-state="${state}">
${body}
<script nonce="${nonce}">${pageScript}</script>
`

/** The part of the page that changes. */
export function statusFigures({ address, figures }: Described): string {
  const { sources, intervals } = figures
  const { meter } = sources
  const isHealthy = sources.isHealthy()
  const last = intervals.at(-1)
  const memory = process.memoryUsage()
  return `<h1>${escape(hostName(address))}</h1>
<p class="state" data-healthy="${isHealthy}"><span class="dot" aria-hidden="true"></span>${
    isHealthy
      ? 'Running, and storing changes.'
      : 'The disk cannot be written. Nothing new is taken until it can; what was acknowledged is safe.'
  } Version ${escape(sources.version)}, up ${duration(Date.now() - meter.startedAt)}.</p>
<h2>The last ten minutes</h2>
<section class="charts">
${chart('Writers connected', count(sources.connections()), intervals, ({ connections }) => connections)}
${chart('Changes a second', rate(last?.changesPerSecond ?? 0), intervals, ({ changesPerSecond }) => changesPerSecond)}
${chart('Stored within', last?.durableP95 == null ? 'nothing came' : milliseconds(last.durableP95 * 1000), intervals, ({ durableP95 }) => durableP95 ?? 0)}
${chart('Sent a second', bytes(last?.bytesOutPerSecond ?? 0), intervals, ({ bytesOutPerSecond }) => bytesOutPerSecond)}
</section>
${table('Since the start', [
  ['Changes stored', `${count(meter.changes)} (${bytes(meter.changeBytes)})`],
  ['Connections', count(meter.connectionsOpened)],
  ['Received', bytes(meter.bytes.in)],
  ['Sent', bytes(meter.bytes.out)],
])}
${table('At this moment', [
  ['People connected', count(sources.people())],
  ['Documents open', count(sources.openDocuments())],
  ['Documents stored', count(sources.storedDocuments())],
  ['Size on the disk', bytes(sources.files.reduce((sum, file) => sum + fileBytes(file), 0))],
  ['Not stored yet', `${count(sources.waitingWrites())} writes`],
  ['Not taken by slow readers', bytes(sources.waitingBytes())],
  ['Memory', bytes(memory.rss)],
  ['Busy', last ? `${Math.round(last.busy * 100)} % of the time, at most ${milliseconds(last.lagMs)} late` : 'measured in a moment'],
])}
${table('Turned away since the start', refusals(figures))}`
}

/** Everything that was refused, in words. */
function refusals({ sources: { meter } }: Figures): [string, string][] {
  const rows: [string, string][] = [
    ...meter.closed.entries.map(([code, times]): [string, string] => [closeWords(Number(code)), count(times)]),
    ...meter.turnedAway.entries.map(([status, times]): [string, string] => [
      status === 401
        ? 'Handshakes without a good ticket'
        : status === 429
          ? 'Handshakes of somebody with too many connections'
          : `Handshakes, status ${status}`,
      count(times),
    ]),
    ...(meter.callsRefused.total > 0 ? ([['Calls that were refused', count(meter.callsRefused.total)]] as [string, string][]) : []),
    ...(meter.messagesRefused > 0 ? ([['Messages for want of a right', count(meter.messagesRefused)]] as [string, string][]) : []),
  ]
  return rows.length > 0 ? rows : [['Nobody', '']]
}

const table = (title: string, rows: [string, string][]): string =>
  `<section class="table"><h2>${title}</h2><dl>${rows.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl></section>`

const chartWidth = 120
const chartHeight = 32

function chart(name: string, now: string, intervals: readonly Interval[], valueOf: (interval: Interval) => number): string {
  const values = intervals.map(valueOf)
  const most = Math.max(...values, Number.EPSILON)
  const x = (at: number) => (chartWidth - values.length + 1 + at).toFixed(0)
  const y = (value: number) => (chartHeight - 1 - (value / most) * (chartHeight - 3)).toFixed(1)
  const points = values.map((value, at) => `${x(at)},${y(value)}`).join(' ')
  const line = values.length > 1 ? `<polyline points="${points}"/>` : ''
  return `<figure><figcaption>${escape(name)}</figcaption><p>${escape(now)}</p><svg viewBox="0 0 ${chartWidth} ${chartHeight}" preserveAspectRatio="none" aria-hidden="true">${line}</svg></figure>`
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const count = (value: number) => number.format(value)
const rate = (value: number) => (value < 10 ? value.toFixed(1) : count(value))
const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : count(value)} ms`
const units = ['bytes', 'KB', 'MB', 'GB', 'TB']

function bytes(value: number): string {
  const unit = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1)
  const scaled = value / 1000 ** unit
  return `${unit > 0 && scaled < 10 ? scaled.toFixed(1) : count(scaled)} ${units[unit]}`
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'for less than a minute'
  if (minutes < 120) return `for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `for ${hours} hours` : `for ${Math.floor(hours / 24)} days`
}

const hostName = (address: string) => /^wss?:\/\/([^/]*)/i.exec(address)?.[1] ?? address
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escape = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign)
