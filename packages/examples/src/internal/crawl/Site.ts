/**
 * A web site to crawl, made from a seed: pages of natural-looking text that link to each other, and among them all that goes
 * wrong on the web. What a page answers depends on its address and on how often it has been asked, and on nothing else.
 *
 * | address | answers with |
 * | --- | --- |
 * | `/page/0` … | a page; each is linked from another one, and links to others in every way there is |
 * | `/old/1` | a redirect to a page |
 * | `/heals/1`, `/heals/2` | 500 and 503 at first, later a page |
 * | `/sleepy` | nothing when it is asked first, later a page |
 * | `/missing/1`, `/missing/2` | 404: a broken link |
 * | `/broken` | 500, always |
 * | `/silent` | nothing, ever |
 * | `/loop/a`, `/loop/b` | redirects from each to the other |
 * | `/picture.png` | something that is no page |
 * | `/deep` | a page of elements in elements in elements, too deep to be parsed |
 * | `/poison` | a page that the parser does not survive |
 *
 * @internal
 */
import { type Random, randomOf } from "../random.ts"
import { languageOf, writeText, writeWords } from "../text/writeText.ts"

export interface Site {
  readonly seed: number
  /** How many pages there are besides the faulty addresses. */
  readonly pages: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** In a page that ends whoever parses it. */
export const poison = "<!-- poison -->"

/** The address where a crawl starts. */
export const entrance = "/page/0"

/** What the site answers to the n-th request of a path, counted from 1; undefined: it does not. */
export const answerOf = (site: Site, path: string, visit: number): Answer | undefined => {
  const [kind = "", id = ""] = path.slice(1).split("/")
  const number = Number(id)
  switch (kind) {
    case "page":
      return /^\d+$/.test(id) && number < site.pages ? html(pageOf(site, number)) : status(404)
    case "old":
      return redirect(`/page/${number % site.pages}`)
    case "heals":
      return visit <= 2 ? status(number === 1 ? 500 : 503) : html(smallPage(site, `Healed ${id}`))
    case "sleepy":
      return visit === 1 ? undefined : html(smallPage(site, "Awake at last"))
    case "broken":
      return status(500)
    case "silent":
      return undefined
    case "loop":
      return redirect(id === "a" ? "/loop/b" : "/loop/a")
    case "picture.png":
      return { status: 200, headers: { "content-type": "image/png" }, body: "not really" }
    case "deep":
      return html(
        `<html><title>Deep</title><body>${"<div>".repeat(depth)}bottom${"</div>".repeat(depth)}</body></html>`
      )
    case "poison":
      return html(`<html><title>Poison</title><body>${poison}</body></html>`)
    default:
      return status(404)
  }
}

/** More than `parsePage` takes. */
const depth = 5_000

/** What is linked from the pages besides pages. */
const oddities = [
  "/missing/1",
  "/heals/1",
  "/broken",
  "/silent",
  "/loop/a",
  "/old/1",
  "/picture.png",
  "/deep",
  "/poison",
  "/sleepy",
  "/heals/2",
  "/missing/2"
]

const html = (body: string): Answer => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body })

const status = (status: number): Answer => ({ status, headers: { "content-type": "text/plain" }, body: `${status}\n` })

const redirect = (location: string): Answer => ({ status: 301, headers: { location }, body: "" })

const smallPage = ({ seed }: Site, title: string): string =>
  `<html><title>${title}</title><body><p>${writeText(seed, 400, languageOf(0))}</p></body></html>`

/** As real pages are: entities, scripts, comments, tags that nobody closes, links of every kind. */
const pageOf = (site: Site, n: number): string => {
  const random = randomOf(site.seed, n)
  const language = languageOf(random.below(5))
  const title = `${writeWords(random, 3, language).join(" ")} · ${n}`
  const paragraphs = writeText(site.seed + n, 1000 + random.below(5000), language)
    .trim()
    .split("\n\n")
  const links = linksOf(site, n)
  const item = (href: string, i: number) => `<li><a href="${href}" class=item-${i}>${href.replaceAll("&", "&amp;")}</a>`
  return `<!doctype html>
<html lang=${language.code}>
<head>
<meta charset=utf-8><title>${title}</title>
<style>article > p { max-width: 40em; margin: 0 auto }</style>
<script>document.title = "not to be indexed " + (1 < 2 && "<p>")</script>
</head>
<body>
<nav><ul>${links.map(item).join("\n")}</ul></nav>
<aside>${decoration(random)}</aside>
<article><h1>${title}</h1>
${paragraphs.map((text, i) => `<p id="p${i}">${marked(text)}`).join("\n")}
</article>
<!-- page ${n} of ${site.pages} -->
<footer>&copy; 2026 &middot; caf&eacute; &#8212; R&amp;D<br>page ${n}</footer>
`
}

/** Most of what is sent as a page is no text: boxes in boxes, each with its classes. */
const decoration = (random: Random): string =>
  Array.from({ length: 200 + random.below(200) }, (_, i) => {
    const style = `width:${random.below(100)}%;margin:0 ${random.below(9)}px`
    return `<div class="card card-${i} is-wide" data-slot="${random.below(1e6)}"><span style="${style}"><i></i></span></div>`
  }).join("\n")

/** Every ninth word in an element of its own. */
const marked = (text: string): string =>
  text
    .split(" ")
    .map((word, i) => (i % 9 === 4 ? `<em data-at="${i}">${word}</em>` : word))
    .join(" ")

/** The two pages below it in a tree, so that each is reached; some others; one of the oddities, and what a crawler passes by. */
const linksOf = (site: Site, n: number): ReadonlyArray<string> => {
  const random = randomOf(site.seed, n, 1)
  const below = [2 * n + 1, 2 * n + 2].filter((page) => page < site.pages).map((page) => `/page/${page}`)
  const across = Array.from({ length: 5 }, () => `../page/${random.below(site.pages)}#p${random.below(3)}`)
  // On a site of fewer pages than oddities, each page has some of them.
  const odd = oddities.filter((_, i) => i % site.pages === n)
  return [...below, ...across, ...odd, "#top", "mailto:someone@example.com", "http://[", "http://example.com/elsewhere"]
}
