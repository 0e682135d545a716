/**
 * What the page does in the browser. Its link carries the secret behind `#`, which no server and no proxy ever sees, and which the script trades for a cookie; then
 * it fetches new figures every five seconds, and says so when there are none.
 */
export const pageScript = `
const note = document.getElementById('note')
const say = (words) => { if (note.textContent !== words) note.textContent = words }
const base = location.pathname.replace(/\\/$/, '')
async function enter(secret) {
  history.replaceState(null, '', location.pathname)
  const answer = await fetch(base + '/session', { method: 'POST', body: secret }).catch(() => null)
  if (answer && answer.ok) location.reload()
  else say(answer ? 'This link was used already, or is too old. On the relay’s computer, this prints another one:' : 'The relay cannot be reached.')
}
async function refresh() {
  const answer = await fetch(base + '/figures', { cache: 'no-store' }).catch(() => null)
  if (answer && answer.status === 401) return location.reload()
  if (!answer || !answer.ok) return say('The relay does not answer. These are its last figures.')
  document.getElementById('figures').innerHTML = await answer.text()
  say('Live: new figures every five seconds.')
}
const secret = location.hash.slice(1)
if (secret) enter(secret)
else if (document.body.dataset.state === 'open') setInterval(() => { if (!document.hidden) refresh() }, 5000)
`
