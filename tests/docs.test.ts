import { execFile } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  .concat(globSync(['docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'], { cwd: root }))
  .filter((path) => !path.includes('node_modules'))

describe('the code in the documentation', () => {
  // Inside the repository, so that the packages are found as in any workspace.
  const folder = join(root, 'tests/.snippets')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('compiles under the strictest settings', async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    let count = 0
    for (const page of pages) {
      for (const [, code = ''] of read(page).matchAll(/```ts\n(.*?)```/gs)) {
        writeFileSync(join(folder, `${page.replaceAll(/\W/g, '-')}-${++count}.ts`), code)
      }
    }
    expect(count).toBeGreaterThan(5)
    const settings = {
      extends: '../../tsconfig.test.json',
      compilerOptions: { noUnusedLocals: false, composite: false },
      include: ['*.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const tsc = promisify(execFile)('npx', ['tsc', '-p', folder], { cwd: root })
    await tsc.catch((error: { stdout: string }) => expect.fail(error.stdout))
  })
})

describe('the links in the documentation', () => {
  it.each(pages)('lead somewhere: %s', (page) => {
    for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const path = join(page, '..', target)
      expect(globSync(path, { cwd: root }), `${page} → ${target}`).toHaveLength(1)
    }
  })
})

describe('the table of behaviours', () => {
  const numbers = (letter: string, last: number, without: readonly number[] = []): string[] =>
    Array.from({ length: last }, (_, i) => i + 1)
      .filter((n) => !without.includes(n))
      .map((n) => `${letter}${n}`)
  const expected = [
    ...numbers('A', 18),
    ...numbers('B', 27, [16, 17, 18, 19]),
    ...numbers('D', 15),
    ...numbers('E', 7),
    ...numbers('F', 10),
    ...numbers('G', 8),
    ...numbers('H', 21),
  ]
  const rows = read('docs/behaviours.md')
    .split('\n')
    .map((line) => /^\| ([A-H]\d+) \| (.+?) \| (.+) \|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, id = '', what = '', shown = '']) => ({ id, what, shown }))
  const tests = globSync(['packages/*/test/**/*.ts', 'packages/core/src/testing/*.ts'], {
    cwd: root,
  })
    .map(read)
    .join('\n')

  it('has a row for each, once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(expected)
  })

  it('names for each a test that bears its number, or says that it differs or does not apply, and why', () => {
    for (const { id, shown } of rows) {
      if (/^(differs, because|does not apply):? \S.{15,}/.test(shown)) continue
      const title = /“(.+?)”/.exec(shown)?.[1] ?? expect.fail(`${id} has neither`)
      const at = tests.indexOf(title)
      expect(at, `${id}: no test is called “${title}”`).toBeGreaterThan(-1)
      const tags = /\[([A-Z0-9, ]+)\]/.exec(tests.slice(at, at + 250))?.[1]
      expect(tags?.split(', '), `“${title}” does not bear ${id}`).toContain(id)
    }
  })
})
