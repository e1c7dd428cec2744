/**
 * An object of the program's own that tells who touches it: a proxy of it. To read a field reads the object, to set one
 * writes it; a method may do anything. What the fields hold is not looked into.
 *
 * @internal
 */
import { made, recording, touch } from "./Recorder.ts"

/** The object itself, where nobody wants to know. */
export const shared = <A extends object>(object: A): A => {
  if (recording() === undefined) return object
  made(object)
  const proxy: A = new Proxy(object, {
    get(target, key) {
      // Of the object and not of the proxy: private fields and the insides of a Map are only there.
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== "function") {
        touch(target, false)
        return value
      }
      return (...args: ReadonlyArray<unknown>) => {
        touch(target)
        const result = Reflect.apply(value, target, args)
        return result === target ? proxy : result
      }
    },
    set(target, key, value) {
      touch(target)
      return Reflect.set(target, key, value, target)
    },
    has(target, key) {
      touch(target, false)
      return Reflect.has(target, key)
    },
    ownKeys(target) {
      touch(target, false)
      return Reflect.ownKeys(target)
    },
    deleteProperty(target, key) {
      touch(target)
      return Reflect.deleteProperty(target, key)
    }
  })
  return proxy
}
