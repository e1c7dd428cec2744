/**
 * The shapes that the encoder of a link has told: lists of keys by number.
 *
 * Objects of the same shape mostly come in a row: the one that was found last is tried first, key by key. All are kept as a
 * tree with a key on each edge, so any other object finds its shape in one walk over its keys, however many shapes there are;
 * and a node remembers the edge that was taken last. Lineage: the maps of Self (Chambers, Ungar, Lee 1989), which V8 has inside.
 *
 * @internal
 */
import { maxShapeKeyLength, maxShapeKeys, maxShapes } from "./compactFormat.ts"

export interface Shape {
  readonly number: number
  readonly keys: ReadonlyArray<string>
}

/** Whether these keys may become a shape. */
export const isShapeable = (keys: ReadonlyArray<string>): boolean =>
  keys.length <= maxShapeKeys && keys.every((key) => key.length <= maxShapeKeyLength)

export class ShapeTable {
  readonly #root = new ShapeNode()
  readonly #told: Array<Shape | undefined> = new Array(maxShapes)
  #next = 0
  /** The one that was found last. */
  #last: Shape | undefined
  /** What each shape since the last `commit` has displaced, in order. */
  readonly #displaced: Array<Shape | undefined> = []

  /** `object` has no enumerable keys but its own. */
  find(object: object): Shape | undefined {
    const last = this.#last
    if (last !== undefined && hasKeys(object, last.keys)) return last
    let node = this.#root
    for (const key in object) {
      if (node.lastKey !== key && !node.turnTo(key)) return undefined
      node = node.lastChild as ShapeNode
    }
    this.#last = node.shape
    return node.shape
  }

  /** Gives a number to keys that have none. */
  add(keys: ReadonlyArray<string>): Shape {
    const number = this.#next
    const displaced = this.#told[number]
    if (displaced !== undefined) this.#root.remove(displaced.keys, 0)
    this.#last = undefined
    this.#displaced.push(displaced)
    this.#next = (number + 1) % maxShapes
    return this.#tell({ number, keys })
  }

  /** The other side will know all that has been added. */
  commit(): void {
    if (this.#displaced.length > 0) this.#displaced.length = 0
  }

  /** The other side will never see what was added since the last `commit`. */
  rollback(): void {
    this.#last = undefined
    while (this.#displaced.length > 0) {
      const displaced = this.#displaced.pop()
      this.#next = (this.#next + maxShapes - 1) % maxShapes
      this.#root.remove((this.#told[this.#next] as Shape).keys, 0)
      this.#told[this.#next] = undefined
      if (displaced !== undefined) this.#tell(displaced)
    }
  }

  #tell(shape: Shape): Shape {
    this.#told[shape.number] = shape
    this.#root.insert(shape)
    return shape
  }
}

/** Whether these are its keys, in this order. The keys of objects and of shapes are the same strings in memory. */
const hasKeys = (object: object, keys: ReadonlyArray<string>): boolean => {
  let count = 0
  for (const key in object) if (key !== keys[count++]) return false
  return count === keys.length
}

class ShapeNode {
  /** The shape whose keys end here. */
  shape: Shape | undefined
  /** The edge that was taken last: there is none only when no edge goes out from here. */
  lastKey: string | undefined
  lastChild: ShapeNode | undefined
  /** All edges, from the second one on: most nodes have one. */
  #children: Map<string, ShapeNode> | undefined

  /** Makes `key` the last one; `false` when no shape goes on with it. */
  turnTo(key: string): boolean {
    const child = this.#children?.get(key)
    if (child === undefined) return false
    this.lastKey = key
    this.lastChild = child
    return true
  }

  insert(shape: Shape): void {
    let node: ShapeNode = this
    for (const key of shape.keys) {
      if (node.lastKey !== key && !node.turnTo(key)) node.#branch(key)
      node = node.lastChild as ShapeNode
    }
    node.shape = shape
  }

  #branch(key: string): void {
    const child = new ShapeNode()
    if (this.lastKey !== undefined) {
      this.#children ??= new Map([[this.lastKey, this.lastChild as ShapeNode]])
      this.#children.set(key, child)
    }
    this.lastKey = key
    this.lastChild = child
  }

  /** Whether nothing is left: a branch without shapes is cut off. */
  remove(keys: ReadonlyArray<string>, depth: number): boolean {
    const key = keys[depth]
    if (key === undefined) this.shape = undefined
    else {
      if (this.lastKey !== key) this.turnTo(key)
      if ((this.lastChild as ShapeNode).remove(keys, depth + 1)) this.#cut(key)
    }
    return this.shape === undefined && this.lastKey === undefined
  }

  #cut(key: string): void {
    this.#children?.delete(key)
    if (this.#children?.size === 0) this.#children = undefined
    const [other] = this.#children ?? []
    this.lastKey = other?.[0]
    this.lastChild = other?.[1]
  }
}
