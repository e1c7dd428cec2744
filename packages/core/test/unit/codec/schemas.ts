/** Schemas of every kind, by whether structured clone carries their values as they are. */
import * as Schema from "effect/Schema"

export class Point extends Schema.Class<Point>("Point")({ x: Schema.Number, y: Schema.Number }) {
  get length(): number {
    return Math.hypot(this.x, this.y)
  }
}

export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  code: Schema.Number,
  at: Schema.Date,
  note: Schema.Option(Schema.String)
}) {}

class Circle extends Schema.TaggedClass<Circle>()("Circle", { center: Point, radius: Schema.Number }) {}
class Picture extends Schema.Class<Picture>("Picture")({ pixels: Schema.Uint8Array, size: Point }) {}

export interface Tree<A> {
  readonly value: A
  readonly children: ReadonlyArray<Tree<A>>
}

const NumberTree: Schema.Codec<Tree<number>> = Schema.Struct({
  value: Schema.Number,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree<number>> => NumberTree))
})

interface EncodedPointTree {
  readonly value: { readonly x: number; readonly y: number }
  readonly children: ReadonlyArray<EncodedPointTree>
}

export const PointTree: Schema.Codec<Tree<Point>, EncodedPointTree> = Schema.Struct({
  value: Point,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree<Point>, EncodedPointTree> => PointTree))
})

/** Two schemas that need each other; only one of them has something to encode. */
interface Folder {
  readonly name: string
  readonly files: ReadonlyArray<File>
}
interface File {
  readonly address: URL
  readonly parent: Folder | null
}
const FolderSchema: Schema.Codec<Folder, any> = Schema.Struct({
  name: Schema.String,
  files: Schema.Array(Schema.suspend((): Schema.Codec<File, any> => FileSchema))
})
const FileSchema: Schema.Codec<File, any> = Schema.Struct({
  address: Schema.URL,
  parent: Schema.NullOr(Schema.suspend((): Schema.Codec<Folder, any> => FolderSchema))
})

class Chain extends Schema.Class<Chain>("Chain")({
  value: Schema.Number,
  next: Schema.NullOr(Schema.suspend((): Schema.Codec<Chain, any> => Chain))
}) {}

/** Nothing is encoded: no parser runs for these. */
export const carriedAsIs = {
  String: Schema.String,
  Number: Schema.Number,
  Boolean: Schema.Boolean,
  BigInt: Schema.BigInt,
  Null: Schema.Null,
  Undefined: Schema.Undefined,
  Void: Schema.Void,
  Unknown: Schema.Unknown,
  Any: Schema.Any,
  Json: Schema.Json,
  "a literal": Schema.Literals(["a", 1, true, 2n]),
  "an enum": Schema.Enum({ Low: 1, High: "high" }),
  "a template": Schema.TemplateLiteral(["id-", Schema.Int]),
  "a brand": Schema.String.pipe(Schema.brand("UserId")),
  "a check": Schema.Int.check(Schema.isGreaterThan(0)),
  Date: Schema.Date,
  RegExp: Schema.RegExp,
  Uint8Array: Schema.Uint8Array,
  "a map of plain values": Schema.ReadonlyMap(Schema.String, Schema.Date),
  "a set of plain values": Schema.ReadonlySet(Schema.Number),
  "a struct": Schema.Struct({
    required: Schema.Number,
    optional: Schema.optional(Schema.Date),
    optionalKey: Schema.optionalKey(Schema.Uint8Array),
    mutable: Schema.mutableKey(Schema.String)
  }),
  "a record": Schema.Record(Schema.String, Schema.Number),
  "a struct with rest": Schema.StructWithRest(Schema.Struct({ a: Schema.Number }), [
    Schema.Record(Schema.String, Schema.Union([Schema.Number, Schema.Date]))
  ]),
  "a tuple": Schema.Tuple([Schema.String, Schema.optionalKey(Schema.Number)]),
  "a tuple with rest": Schema.TupleWithRest(Schema.Tuple([Schema.String]), [Schema.Number, Schema.Boolean]),
  "an array": Schema.Array(Schema.Struct({ at: Schema.Date })),
  "a union": Schema.Union([Schema.Number, Schema.Date, Schema.Struct({ a: Schema.String })]),
  "a recursive struct": NumberTree
}

/** Something inside has a class, or a transformation, that structured clone would lose. */
export const encoded = {
  Class: Point,
  TaggedClass: Circle,
  TaggedError: Refused,
  "a class with bytes": Picture,
  "a suspended class": Chain,
  Option: Schema.Option(Point),
  Result: Schema.Result(Point, Refused),
  Exit: Schema.Exit(Point, Refused, Schema.Defect()),
  Cause: Schema.Cause(Refused, Schema.Defect()),
  Duration: Schema.Duration,
  DateTimeUtc: Schema.DateTimeUtc,
  URL: Schema.URL,
  Redacted: Schema.Redacted(Schema.String),
  HashMap: Schema.HashMap(Schema.String, Point),
  HashSet: Schema.HashSet(Schema.Number),
  Chunk: Schema.Chunk(Point),
  BigDecimal: Schema.BigDecimal,
  NumberFromString: Schema.NumberFromString,
  DateFromMillis: Schema.DateFromMillis,
  OptionFromNullOr: Schema.OptionFromNullOr(Point),
  "a map of classes": Schema.ReadonlyMap(Schema.String, Point),
  "a map from classes": Schema.ReadonlyMap(Point, Schema.Number),
  "a set of classes": Schema.ReadonlySet(Point),
  "a struct of classes": Schema.Struct({
    required: Point,
    optional: Schema.optional(Point),
    optionalKey: Schema.optionalKey(Schema.Option(Point)),
    mutable: Schema.mutableKey(Point)
  }),
  "a checked struct": Schema.Struct({ low: Schema.Number, point: Point }).check(
    Schema.makeFilter(({ low }) => low < Number.MAX_VALUE)
  ),
  "a record of classes": Schema.Record(Schema.String, Point),
  "a tuple of classes": Schema.Tuple([Point, Schema.optionalKey(Point)]),
  "a tuple with a rest of classes": Schema.TupleWithRest(Schema.Tuple([Schema.Number]), [Point, Schema.Date]),
  "an array of classes": Schema.Array(Point),
  "a non-empty array of classes": Schema.NonEmptyArray(Point),
  "a union with classes": Schema.Union([Circle, Refused, Schema.Date, Schema.String]),
  "undefined or a class": Schema.UndefinedOr(Point),
  "a recursive struct of classes": PointTree,
  "mutually recursive structs": FolderSchema
}
