/** Every relative link of a Markdown document leads to a file that exists, and every `#anchor` to a heading. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { expect, it } from "vitest"

const workspace = join(import.meta.dirname, "../../../..")
const patterns = ["*.md", "docs/**/*.md", "packages/*/*.md", "packages/*/{src,test,soak}/**/*.md"]
const documents = globSync(patterns, { cwd: workspace }).sort()

/** GitHub's anchor of a heading: lower case, spaces to hyphens, punctuation dropped. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-")

const withoutFences = (text: string) => text.replaceAll(/^```.*?^```$/gms, "")

const anchorsOf = (text: string) =>
  [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1] ?? ""))

const brokenLinksOf = (document: string): Array<string> => {
  const path = join(workspace, document)
  const text = withoutFences(readFileSync(path, "utf8"))
  const targets = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)].map((match) => match[1] ?? "")
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = "", anchor] = target.split("#")
      const linked = file === "" ? path : resolve(dirname(path), file)
      if (!existsSync(linked)) return true
      if (anchor === undefined) return false
      return statSync(linked).isDirectory() || !anchorsOf(readFileSync(linked, "utf8")).includes(anchor)
    })
}

it.each(documents)("%s has no broken link", (document) => {
  expect(brokenLinksOf(document)).toEqual([])
})
