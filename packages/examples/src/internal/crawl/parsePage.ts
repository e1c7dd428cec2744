/**
 * What a page says, and where it leads.
 *
 * @internal
 */
import { Parser } from "htmlparser2"
import { type Counts, countWords } from "../words/counts.ts"

export interface ParsedPage {
  readonly title: string
  /** The paths on the same site that it links to, each once. */
  readonly links: ReadonlyArray<string>
  readonly words: Counts
}

/** Elements in more elements than this are no page that somebody wrote. */
export const deepest = 1_000

/**
 * Reads a page. `url` is where it was found, for links that say only where to go from there.
 *
 * Throws for elements nested deeper than `deepest`. All other HTML is a page to this parser, as it is to a browser.
 */
export const parsePage = (url: string, html: string): ParsedPage => {
  const hrefs: Array<string> = []
  const open: Array<string> = []
  let title = ""
  let text = ""
  const parser = new Parser({
    onopentag: (name, { href }) => {
      if (open.push(name) > deepest) throw new RangeError(`elements are nested deeper than ${deepest}`)
      if (name === "a" && href !== undefined) hrefs.push(href)
      // What stands in two blocks is not one word.
      if (!inline.has(name)) text += "\n"
    },
    onclosetag: (name) => {
      open.pop()
      if (!inline.has(name)) text += "\n"
    },
    ontext: (data) => {
      const element = open.at(-1)
      if (element === "script" || element === "style") return
      if (element === "title") title += data
      text += data
    }
  })
  parser.end(html)
  return { title: title.trim(), links: linksOf(url, hrefs), words: countWords(text) }
}

const inline = new Set(
  "a abbr b bdi bdo cite code dfn em i kbd mark q s samp small span strong sub sup u var".split(" ")
)

const linksOf = (url: string, hrefs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { origin } = new URL(url)
  const paths = hrefs.flatMap((href) => {
    const target = URL.parse(href, url)
    return target === null || target.origin !== origin ? [] : [target.pathname + target.search]
  })
  return [...new Set(paths)]
}
