/**
 * The article's programs on Ropewalk, three jobs with work to do, and what plays them. `ropewalk demo` and `ropewalk job` are
 * the usual way in; each program is a file of `demos/` or `jobs/`, made to be read and copied.
 */
export * as DemoEvent from "./DemoEvent.ts"
export * as DemoRunner from "./DemoRunner.ts"
export * as Demos from "./Demos.ts"
export * as FetchError from "./FetchError.ts"
export * as JobError from "./JobError.ts"
export * as Jobs from "./Jobs.ts"
export * as Renderer from "./Renderer.ts"
