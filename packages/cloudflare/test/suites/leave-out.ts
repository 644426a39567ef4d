import { beforeAll, beforeEach } from 'vitest'

/** Reasons by the beginnings of titles. */
export type LeftOut = Readonly<Record<string, string>>

interface Task {
  readonly name: string
  readonly tasks?: readonly Task[]
}

/** Skips tests by name, file by file, with the reason in the report. A name that is no test’s is an error. */
export function leaveOut(files: Readonly<Record<string, LeftOut>>): void {
  let reasons: LeftOut = {}

  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are asked for
  beforeAll(({}, file) => {
    const [name = ''] = file.name.split('/').slice(-1)
    reasons = files[name] ?? {}
    const titles = titlesOf(file)
    for (const start of Object.keys(reasons)) {
      if (!titles.some((title) => title.startsWith(start))) {
        throw new Error(`${name} has no test that is called “${start}…”`)
      }
    }
  })

  beforeEach(({ task, skip }) => {
    for (const [start, reason] of Object.entries(reasons)) {
      if (task.name.startsWith(start)) skip(reason)
    }
  })
}

function titlesOf({ name, tasks }: Task): string[] {
  return tasks ? tasks.flatMap(titlesOf) : [name]
}
