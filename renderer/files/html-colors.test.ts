import { expect, test } from 'vitest'
import { inkColor, nearestColor } from './html-colors.ts'

test.each([
  ['#ff0000', 'red'],
  ['#f00', 'red'],
  ['rgb(255, 153, 0)', 'orange'],
  ['#00b050', 'green'],
  ['#1f3864', 'blue'],
  ['fuchsia', 'purple'],
  ['#999999', 'gray'],
])('%s is %s, as ink and behind it', (css, name) => {
  expect([nearestColor(css), inkColor(css)]).toEqual([name, name])
})

test.each(['#ffffff', '#000000', 'black', 'white', 'windowtext', 'transparent', 'rgba(255, 0, 0, 0)', 'constructor'])(
  '%s is no colour',
  (css) => {
    expect([nearestColor(css), inkColor(css)]).toEqual([null, null])
  },
)

test.each(['#434343', '#1155cc', 'rgb(17, 85, 204)', '#0563c1'])('%s is no ink that anybody chose', (css) => {
  expect(inkColor(css)).toBeNull()
})
