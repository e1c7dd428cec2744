/**
 * Pictures as PNG.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { PNG } from "pngjs"

/** Red, green and blue, a byte each, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** The bytes of a file. The compression is Node's own, on a thread of its own: fibers go on meanwhile. */
export const encode = ({ height, pixels, width }: Picture): Effect.Effect<Buffer> =>
  Effect.callback<Buffer>((resume) => {
    const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false })
    png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength)
    const chunks: Array<Buffer> = []
    png.on("data", (chunk: Buffer) => chunks.push(chunk))
    png.on("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
    png.on("error", (error) => resume(Effect.die(error)))
    png.pack()
    return Effect.sync(() => png.removeAllListeners("data"))
  })

/** Reads a file of `encode` back. */
export const decode = (bytes: Buffer): Picture => {
  const { data, height, width } = PNG.sync.read(bytes)
  const pixels = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) pixels.set(data.subarray(from, from + 3), to)
  return { width, height, pixels }
}
