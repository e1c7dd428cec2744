/**
 * The article's programs on Ropewalk, and what plays them. `ropewalk demo` is the usual way in; each program is a file of
 * `demos/`, made to be read and copied.
 */
export * as DemoEvent from "./DemoEvent.ts"
export * as DemoRunner from "./DemoRunner.ts"
export * as Demos from "./Demos.ts"
export * as FetchError from "./FetchError.ts"
export * as Renderer from "./Renderer.ts"
