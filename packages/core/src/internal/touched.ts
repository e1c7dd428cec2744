/**
 * Where what fibers share is looked at or changed: said for `Explore`, which leaves out the orders of steps that touch
 * nothing in common. Nobody listens otherwise, and saying it costs a nanosecond.
 *
 * @internal
 */
export type Touch = "makes" | "reads" | "writes"

type Listener = (object: object, how: Touch) => void

let listener: Listener | undefined

export const touched = (object: object, how: Touch = "writes"): void => listener?.(object, how)

const lasting = new WeakSet<object>()

/** An object that is made once and for all, and not by any fiber. */
export const lasts = <A extends object>(object: A): A => {
  lasting.add(object)
  return object
}

export const isLasting = (object: object): boolean => lasting.has(object)

/** `undefined`: nobody wants to know any more. */
export const listenTo = (listens: Listener | undefined): void => {
  listener = listens
}
