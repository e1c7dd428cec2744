/** The site that is crawled, its parser and the index, each by itself. */

import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Frontier from "../../src/internal/crawl/Frontier.ts"
import { fetchPage, isTransient } from "../../src/internal/crawl/fetchPage.ts"
import { deepest, parsePage } from "../../src/internal/crawl/parsePage.ts"
import { SearchIndex } from "../../src/internal/crawl/SearchIndex.ts"
import { answerOf, entrance } from "../../src/internal/crawl/Site.ts"
import { publish, serveSite } from "../../src/internal/crawl/serveSite.ts"

const site = { seed: 1, pages: 20 }
const base = "http://site.test"

describe("the site", () => {
  it("answers the same for the same seed, and links to all of its pages and all that goes wrong", () => {
    const seen = new Set([entrance])
    for (const path of seen) {
      const answer = answerOf(site, path, 3)
      assert.deepStrictEqual(answerOf(site, path, 3), answer)
      if (answer?.headers["content-type"]?.startsWith("text/html") !== true || path === "/deep") continue
      for (const link of parsePage(base + path, answer.body).links) seen.add(link)
    }
    const numbered = [...seen].filter((path) => path.startsWith("/page/"))
    assert.lengthOf(numbered, 20)
    assert.deepStrictEqual([...seen].filter((path) => !numbered.includes(path)).sort(), [
      "/broken",
      "/deep",
      "/heals/1",
      "/heals/2",
      "/loop/a",
      "/missing/1",
      "/missing/2",
      "/old/1",
      "/picture.png",
      "/poison",
      "/silent",
      "/sleepy"
    ])
    assert.notDeepEqual(answerOf({ ...site, seed: 2 }, entrance, 1), answerOf(site, entrance, 1))
  })

  it("a site of one page has all the oddities on it", () => {
    const { links } = parsePage(`${base}/page/0`, answerOf({ seed: 1, pages: 1 }, "/page/0", 1)!.body)
    assert.lengthOf(links, 13)
  })
})

describe("fetchPage", () => {
  const fetching = (path: string) =>
    Effect.flatMap(Effect.flatMap(publish(site), serveSite), (url) => fetchPage(url, path)).pipe(
      Effect.scoped,
      Effect.provide(NodeHttpClient.layerNodeHttp)
    )

  it.live("gives a page, and says where it was in the end", () =>
    Effect.gen(function* () {
      const page = yield* fetching("/old/1")
      assert.strictEqual(page.path, "/old/1")
      assert.match(page.url, /^http:\/\/127\.0\.0\.1:\d+\/page\/1$/)
      assert.strictEqual(page.type, "text/html; charset=utf-8")
      assert.strictEqual(page.body, answerOf(site, "/page/1", 1)!.body)
    })
  )

  for (const [path, reason, transient] of [
    ["/missing/1", { _tag: "Status", code: 404 }, false],
    ["/page/20", { _tag: "Status", code: 404 }, false],
    ["/heals/2", { _tag: "Status", code: 503 }, true],
    ["/loop/a", { _tag: "Redirects", hops: 2 }, false]
  ] as const) {
    it.live(`${path} fails with ${reason._tag}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(fetching(path))
        assert.deepStrictEqual({ ...error.reason }, reason)
        assert.strictEqual(isTransient(error), transient)
      })
    )
  }

  it.live("nobody there: Network", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(fetchPage("http://127.0.0.1:1", "/"))
      assert.strictEqual(error.reason._tag, "Network")
      assert.isTrue(isTransient(error))
    }).pipe(Effect.provide(NodeHttpClient.layerNodeHttp))
  )
})

describe("parsePage", () => {
  it("reads title, words and links; of links those of the site, each once, wherever they are relative to", () => {
    const page = parsePage(
      `${base}/a/b`,
      `<title> R&amp;D </title><script>no("<p>")</script><style>no {}</style>
       <ul><li>one<li>two</ul>left<div>right</div><p>caf&eacute; <em>mar</em>ket<br>end
       <a href="c?x=1&amp;y=2#z">1</a><a href=/c>2</a><a href="../c">2</a><a href="http://elsewhere.test/">3</a>
       <a href="http://[">4</a><a href="mailto:x@y.z">5</a><a name=here>6</a><a href="#top">7</a>`
    )
    assert.strictEqual(page.title, "R&D")
    assert.deepStrictEqual(page.links, ["/a/c?x=1&y=2", "/c", "/a/b"])
    for (const word of ["one", "two", "café", "market", "end", "left", "right"])
      assert.strictEqual(page.words.get(word), 1, word)
    assert.isFalse(page.words.has("no"))
  })

  it("anything is a page, but for elements that are too deep", () => {
    for (const html of ["", "plain", "<", "<p <b>x</i></p></p>", "\u0000<a href>", "<!-- never closed"]) {
      assert.deepStrictEqual(parsePage(base, html).links.length, html.includes("href") ? 1 : 0, html)
    }
    assert.doesNotThrow(() => parsePage(base, "<div>".repeat(deepest)))
    assert.throws(() => parsePage(base, "<div>".repeat(deepest + 1)), /nested deeper than 1000/)
  })
})

describe("SearchIndex", () => {
  const entries = [
    {
      path: "/a",
      title: "A",
      words: new Map([
        ["rope", 3],
        ["walk", 1]
      ])
    },
    {
      path: "/b",
      title: "B",
      words: new Map([
        ["rope", 1],
        ["yarn", 1]
      ])
    },
    {
      path: "/c",
      title: "C",
      words: new Map([
        ["yarn", 5],
        ["hemp", 40]
      ])
    },
    { path: "/d", title: "D", words: new Map<string, number>() }
  ]
  const indexOf = (entriesInSomeOrder: typeof entries) => {
    const index = new SearchIndex()
    for (const entry of entriesInSomeOrder) index.add(entry)
    return index
  }
  const paths = (index: SearchIndex, query: string) => index.search(query).map(({ path }) => path)

  it("finds the pages with any of the words, the best first", () => {
    const index = indexOf(entries)
    assert.deepStrictEqual(paths(index, "Rope"), ["/a", "/b"])
    assert.deepStrictEqual(paths(index, "rope, YARN!"), ["/b", "/a", "/c"])
    assert.deepStrictEqual(paths(index, "silk"), [])
    assert.deepStrictEqual(paths(index, ""), [])
    assert.lengthOf(index.search("rope yarn", 1), 1)
  })

  it("answers the same whatever order the pages came in, and after it was written and read", () => {
    const index = indexOf(entries)
    const other = indexOf(entries.toReversed())
    const read = SearchIndex.fromJSON(JSON.parse(JSON.stringify(index)))
    for (const same of [other, read]) {
      assert.strictEqual(JSON.stringify(same), JSON.stringify(index))
      assert.deepStrictEqual(same.search("rope yarn"), index.search("rope yarn"))
      assert.strictEqual(same.pages, 4)
    }
  })

  it("keeps the first of two pages with one path; an empty index finds nothing", () => {
    const index = indexOf([...entries, { path: "/a", title: "again", words: new Map([["hemp", 1]]) }])
    assert.deepStrictEqual(paths(index, "hemp"), ["/c"])
    assert.deepStrictEqual(paths(new SearchIndex(), "rope"), [])
  })
})

describe("Frontier", () => {
  it.effect("gives each path once, and ends when all are done with", () =>
    Effect.gen(function* () {
      const frontier = yield* Frontier.make("/")
      const links: Record<string, ReadonlyArray<string>> = {
        "/": ["/a", "/b", "/"],
        "/a": ["/b", "/c"],
        "/c": ["/", "/a"]
      }
      const given: Array<string> = []
      yield* Stream.runForEach(frontier.paths, (path) => {
        given.push(path)
        return Effect.andThen(frontier.add(links[path] ?? []), frontier.done)
      })
      assert.deepStrictEqual(given, ["/", "/a", "/b", "/c"])
      assert.strictEqual(yield* frontier.seen, 4)
    })
  )

  it.effect("waits for a path that is under way, since it may bring others", () =>
    Effect.gen(function* () {
      const frontier = yield* Frontier.make("/")
      const given: Array<string> = []
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(frontier.paths, (path) => Effect.sync(() => void given.push(path)))
      )
      yield* Effect.yieldNow
      yield* frontier.add(["/late"])
      yield* frontier.done
      yield* Effect.yieldNow
      assert.isUndefined(fiber.pollUnsafe())
      yield* frontier.done
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(given, ["/", "/late"])
    })
  )

  it.effect("a path that was reached by a redirect is not given any more", () =>
    Effect.gen(function* () {
      const frontier = yield* Frontier.make("/")
      assert.isTrue(yield* frontier.claim("/moved"))
      assert.isFalse(yield* frontier.claim("/moved"))
      yield* frontier.add(["/moved", "/x"])
      yield* Effect.replicateEffect(frontier.done, 2)
      assert.deepStrictEqual(yield* Stream.runCollect(frontier.paths), ["/", "/x"])
    })
  )
})
