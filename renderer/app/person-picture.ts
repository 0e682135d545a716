import { maxPictureLength } from '../../core/contract/parsers.ts'
import { PalimpsestError } from '../../core/errors.ts'

const sizePx = 128
/** From the best to the smallest. */
const qualities = [0.9, 0.7, 0.4]
/** Reading a picture takes memory for each of its points. */
const maxFileBytes = 30 * 1024 * 1024

/** The middle of a picture as a small square, drawn anew: nothing else of the file goes out, such as where it was taken. Throws `invalid` or `too-large`. */
export async function pictureOf(file: Blob): Promise<string> {
  if (file.size > maxFileBytes) throw new PalimpsestError('too-large', `a picture of ${file.size} bytes`)
  const image = await createImageBitmap(file).catch((cause: unknown) => {
    throw new PalimpsestError('invalid', 'no picture', { cause, detail: 'This file is not a picture that can be shown.' })
  })
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = sizePx
  const side = Math.min(image.width, image.height)
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2]
  canvas.getContext('2d')?.drawImage(image, left, top, side, side, 0, 0, sizePx, sizePx)
  image.close()
  // A browser that writes no WebP writes PNG.
  const drawn = qualities.map((quality) => canvas.toDataURL('image/webp', quality)).find((picture) => picture.length <= maxPictureLength)
  if (drawn === undefined) throw new PalimpsestError('too-large', 'the small picture is too long')
  return drawn
}
