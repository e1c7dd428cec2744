import assert from "node:assert/strict"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { unsupported } from "../../../src/internal/codec/compactEncoder.ts"
import { maxShapeKeyLength, maxShapeKeys, maxShapes } from "../../../src/internal/codec/compactFormat.ts"
import { Link, shaped, start } from "./links.ts"

/** A tag, the number of the shape, and two small integers. */
const knownBytes = 4
const isKnown = (link: Link, number: number): boolean => link.carry(shaped(number, 1)) === knownBytes

describe("shapes", () => {
  it("are told once", () => {
    const link = new Link()
    expect(isKnown(link, 1)).toBe(false)
    expect(isKnown(link, 1)).toBe(true)
  })

  it("are told once inside one message, also of an object inside another of the same keys", () => {
    const link = new Link()
    const list = (depth: number): object => ({ value: depth, next: depth === 0 ? null : list(depth - 1) })
    const other = new Link()
    const one = other.carry(list(0))
    expect(link.carry(list(10))).toBeLessThan(one + 11 * knownBytes)
  })

  it("are by order: the same keys in another order are another shape", () => {
    const link = new Link()
    link.carry({ a: 1, b: 2 })
    link.carry({ b: 2, a: 1 })
    expect(link.carry({ a: 1, b: 2 })).toBe(knownBytes)
    expect(link.carry({ b: 1, a: 2 })).toBe(knownBytes)
  })

  it("may begin with each other", () => {
    const link = new Link()
    const values = [{ a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { a: 1 }, {}, { a: 1, c: 3 }]
    for (const value of [...values, ...values.toReversed()]) link.carry(value)
    for (const value of values) expect(link.carry(value)).toBe(2 + Object.keys(value).length)
  })

  it("of too many keys, or too long ones, are brought along each time", () => {
    const link = new Link()
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]))
    const fits = [keys(maxShapeKeys), { ["k".repeat(maxShapeKeyLength)]: 1 }]
    const tooMuch = [keys(maxShapeKeys + 1), { ["k".repeat(maxShapeKeyLength + 1)]: 1 }]
    for (const value of fits) expect(link.carry(value)).toBeGreaterThan(link.carry(value))
    for (const value of tooMuch) expect(link.carry(value)).toBe(link.carry(value))
  })

  it("more than there is room for: the one told longest ago is forgotten", () => {
    const link = new Link()
    for (let number = 0; number < maxShapes; number++) expect(isKnown(link, number)).toBe(false)
    for (let number = 0; number < maxShapes; number++) expect(isKnown(link, number)).toBe(true)
    expect(isKnown(link, maxShapes)).toBe(false)
    for (let number = 1; number <= maxShapes; number++) expect(isKnown(link, number)).toBe(true)
    expect(isKnown(link, 0)).toBe(false)
    expect(isKnown(link, 1)).toBe(false)
  })

  it("many times as many, over and over", () => {
    const link = new Link()
    for (let number = 0; number < 5 * maxShapes; number++) {
      link.carry(shaped(number))
      link.carry(shaped(number % 7))
      link.carry({ inner: shaped(number - 100), [`own${number}`]: shaped(number) })
    }
  })
})

describe("a message that is thrown away", () => {
  it("told nothing", () => {
    const link = new Link()
    expect(link.encode(shaped(1))).toBeGreaterThan(start)
    link.encoder.rollback()
    link.encoder.rollback()
    expect(isKnown(link, 1)).toBe(false)
    expect(isKnown(link, 1)).toBe(true)
  })

  it("leaves what was told before it", () => {
    const link = new Link()
    link.carry(shaped(1))
    link.encode([shaped(1), shaped(2)])
    link.encoder.rollback()
    expect(isKnown(link, 1)).toBe(true)
    expect(isKnown(link, 2)).toBe(false)
  })

  it.each([1, maxShapes - 1, maxShapes, maxShapes + 1, 3 * maxShapes])(
    "gives back the places that %i new shapes took",
    (count) => {
      const link = new Link()
      for (let number = 0; number < maxShapes; number++) link.carry(shaped(number))
      const message = Array.from({ length: count }, (_, index) => shaped(1000 + index))
      for (const thrownAway of [message, [...message, new Date(0)]]) {
        const position = link.encode(thrownAway)
        if (thrownAway === message) {
          expect(position).toBeGreaterThan(start)
          link.encoder.rollback()
        } else expect(position).toBe(unsupported)
        for (let number = 0; number < maxShapes; number++) expect(isKnown(link, number)).toBe(true)
      }
      link.carry(message)
      link.carry(message)
    }
  )

  const Step = Schema.Struct({
    shapes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))),
    sent: Schema.Boolean
  })

  it.prop(
    "among those that are sent: each of them arrives",
    [Arbitrary.array(Arbitrary.schema(Step), { minLength: 1, maxLength: 40 })],
    ([steps]) => {
      const link = new Link()
      for (let number = 0; number < maxShapes; number++) link.carry(shaped(number))
      for (const { sent, shapes } of steps) {
        const message = shapes.map((number) => shaped(number))
        if (sent) link.carry(message)
        else {
          assert.ok(link.encode(message) > start)
          link.encoder.rollback()
        }
      }
    }
  )
})
