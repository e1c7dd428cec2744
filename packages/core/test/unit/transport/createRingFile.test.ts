/** What the kernel refuses, or does by halves, when a file of rings is made and written. */
import * as fs from "node:fs"
import { afterEach, describe, expect, it, vi } from "vitest"
import { createRingFile, openFile } from "../../../src/internal/transport/ringFile.ts"
import { isOpen } from "../../support/ringFiles.ts"

vi.mock("node:fs", { spy: true })

const { openSync, writeSync } = await vi.importActual<typeof fs>("node:fs")

const refused = (code: string) => () => {
  throw Object.assign(new Error(`${code}: on purpose`), { code })
}

describe("a file of rings", () => {
  afterEach(() => {
    vi.mocked(fs.openSync).mockImplementation(openSync)
    vi.mocked(fs.writeSync).mockImplementation(writeSync as never)
    vi.mocked(fs.openSync).mockClear()
  })

  const opened = () => vi.mocked(fs.openSync).mock.results.map(({ value }) => value as number)

  it("is none where its folder is not there", () => {
    vi.mocked(fs.openSync).mockImplementation(refused("ENOENT"))
    expect(createRingFile()).toBeUndefined()
  })

  it.each([0, 4096])("is none, and is not left open, where there is room for %i bytes only", (room) => {
    let left = room
    vi.mocked(fs.writeSync).mockImplementation(((descriptor: number, bytes: Buffer, offset: number, length: number) => {
      if (left === 0) return refused("ENOSPC")()
      const count = Math.min(left, length)
      left -= count
      return writeSync(descriptor, bytes, offset, count)
    }) as never)
    expect(createRingFile()).toBeUndefined()
    expect(opened().map(isOpen)).toEqual([false])
  })

  it("is written to the end when the kernel takes a part at a time", () => {
    const file = openFile(createRingFile()!)
    vi.mocked(fs.writeSync).mockImplementation(((
      descriptor: number,
      bytes: Buffer,
      offset: number,
      length: number,
      position: number
    ) => writeSync(descriptor, bytes, offset, Math.min(length, 3), position)) as never)
    const sent = Buffer.from("not all at once")
    file.write(sent, 4, 11, 100)
    const read = Buffer.alloc(11)
    file.read(read, 0, 11, 100)
    file.close()
    expect(read.toString()).toBe("all at once")
  })
})
