// Vitest loads this name only; the projects are in vitest.workspace.ts.
export { default } from './vitest.workspace.ts'
