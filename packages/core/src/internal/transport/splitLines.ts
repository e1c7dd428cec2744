/** @internal */
import type { Readable } from "node:stream"
import { StringDecoder } from "node:string_decoder"

/** Whole lines of a byte stream, without their ends; the last one also when the stream ends inside it. */
export const splitLines = (stream: Readable, onLine: (line: string) => void): void => {
  const decoder = new StringDecoder("utf8")
  let rest = ""
  stream.on("data", (chunk: Buffer) => {
    // Only what is new is searched: a line of many chunks would be searched once a chunk.
    const lines = decoder.write(chunk).split("\n")
    lines[0] = rest + lines[0]
    rest = lines.pop() as string
    for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line)
  })
  stream.on("end", () => {
    const last = rest + decoder.end()
    if (last !== "") onLine(last)
  })
}
