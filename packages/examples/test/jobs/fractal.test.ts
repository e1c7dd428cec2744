/** The pixels of the Mandelbrot set, and the pictures they become. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { bandsOf, renderBand } from "../../src/internal/fractal/render.ts"
import { viewOf, views } from "../../src/internal/fractal/views.ts"
import { decode, encode } from "../../src/internal/png.ts"

const whole = views[0]!

describe("a picture", () => {
  it("is the same in one band and in many", () => {
    const [one] = bandsOf(whole, 64, 36, 36)
    for (const rows of [1, 5, 36, 100]) {
      const bands = bandsOf(whole, 64, 36, rows)
      assert.strictEqual(
        bands.reduce((sum, band) => sum + band.rows, 0),
        36
      )
      assert.deepStrictEqual(Buffer.concat(bands.map(renderBand)), Buffer.from(renderBand(one!)), `${rows} rows`)
    }
  })

  it("is dark where the set is, coloured elsewhere, and the same above and below the real axis", () => {
    const width = 64
    const height = 36
    const pixels = renderBand(bandsOf(whole, width, height, height)[0]!)
    const at = (column: number, row: number) => [...pixels.subarray(3 * (row * width + column)).subarray(0, 3)]
    // The origin, in the middle of the large heart.
    assert.deepStrictEqual(at(Math.round(width / 2 + (0 - whole.x) / (whole.width / width)), height / 2), [0, 0, 0])
    assert.notDeepEqual(at(0, 0), [0, 0, 0])
    for (let row = 0; row < height; row++) {
      for (const column of [0, 20, 31, 45]) {
        const mirrored = at(column, height - 1 - row)
        at(column, row).forEach((byte, i) => {
          assert.approximately(byte, mirrored[i]!, 1)
        })
      }
    }
  })

  it("each view shows something, and each seed has one", () => {
    for (const view of views) {
      const pixels = renderBand(bandsOf(view, 48, 27, 27)[0]!)
      const colours = new Set(Array.from({ length: 48 * 27 }, (_, i) => pixels.subarray(3 * i, 3 * i + 3).join()))
      assert.isAbove(colours.size, 200, view.name)
    }
    for (const seed of [0, 1, 17, -1, -6, 1e9]) assert.include(views, viewOf(seed))
  })

  it("comes back from PNG as it was", async () => {
    const picture = { width: 31, height: 17, pixels: renderBand(bandsOf(viewOf(1), 31, 17, 17)[0]!) }
    const png = await Effect.runPromise(encode(picture))
    assert.deepStrictEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    assert.deepStrictEqual(decode(png), picture)
  })
})
