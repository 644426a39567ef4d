import type { Verdicts } from '../correctness/run.ts'
import type { HttpTable, RedisUse } from '../http/in-turns.ts'
import type { Table } from '../in-process.ts'
import { scenarios } from '../scenarios.ts'

export interface Results {
  readonly at: string
  readonly machine: string
  readonly correctness: Verdicts
  /** By name, then by scenario. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly inProcess: Table
  readonly http: Readonly<Record<'memory' | 'redis' | 'workerd', HttpTable>>
  /** Bytes. */
  readonly heap: Record<string, number>
  /** Milliseconds. */
  readonly cold: Record<string, number>
  /** Bytes. */
  readonly size: Record<string, number>
}

const FLOOR = 'Hono / hand-written floor'

/** What a reader sees. */
export function pageOf(results: Results): string {
  const { at, machine } = results
  return `# Results

${at}, on ${machine}. Written by \`npm run bench\`; [how it is measured](../README.md). The machine is shared and noisy: look at ratios, and at how far repeats lie apart.

## Who does it right

${correctnessOf(results.correctness)}

## What each asks its store

For one request, where a store of the bench's own is taken. The others keep everything in the cookie, or bring a store that cannot be watched.

${operationsTable(results.operations)}

## In process

CPU in µs of one request, all threads, 64 in flight, each with a session of its own; in brackets by the clock, one after the other. Then as a ratio to the bare handler of the same server and, on Hono, to the floor.

![CPU of a request](in-process.svg)

${processOf(results.inProcess)}

## Over loopback, 64 connections, memory

![Requests per second](http-memory.svg)

${httpOf(results.http.memory)}

## Over loopback, 64 connections, Redis

${httpOf(results.http.redis)}

## In workerd, over loopback, 64 connections

Hono in one isolate, by Miniflare, without the Worker that it puts in front. CPU is that of all of workerd, in steps of 10 ms.

${httpOf(results.http.workerd)}

## Heap for each session, 200 000 sessions

${listOf(results.heap, 'bytes', (bytes) => bytes.toFixed(0))}

## Cold start: import of the library to the first answer, the framework being there

${listOf(results.cold, 'ms', (ms) => ms.toFixed(0))}

## Size, minified and gzipped, with dependencies, without the framework

${listOf(results.size, 'kB', (bytes) => (bytes / 1000).toFixed(1))}
`
}

function correctnessOf(verdicts: Verdicts): string {
  const names = Object.keys(Object.values(verdicts)[0] ?? {})
  const titles = Object.keys(verdicts)
  const legend = titles.map((title, index) => `${index + 1}. ${title}`).join('\n')
  return `${legend}\n\n${table(
    ['', ...titles.map((_, index) => `${index + 1}`)],
    names.map((name) => [name, ...titles.map((title) => mark(verdicts[title]?.[name] ?? ''))]),
  )}`
}

const mark = (verdict: string): string =>
  verdict === 'yes' ? '✓' : verdict === 'no' ? '**✗**' : verdict

function operationsTable(operations: Results['operations']): string {
  return table(
    ['', ...scenarios.map(({ name }) => name)],
    Object.entries(operations).map(([name, row]) => [
      name,
      ...scenarios.map(({ name: scenario }) => row[scenario] ?? '–'),
    ]),
  )
}

function processOf(rows: Table): string {
  return table(
    ['', ...scenarios.map(({ name }) => name)],
    Object.entries(rows).map(([name, row]) => [
      name,
      ...scenarios.map(({ name: scenario }) => {
        const cell = row[scenario]
        if (!cell || typeof cell === 'string') return '–'
        const bare = rows[`${name.split(' / ')[0]} / bare handler`]?.[scenario]
        const floor = name.startsWith('Hono') ? rows[FLOOR]?.[scenario] : undefined
        const ratio = (to: typeof bare): string =>
          to && typeof to !== 'string' ? ` ×${(cell.cpu.median / to.cpu.median).toFixed(2)}` : ''
        return `${us(cell.cpu.median)} (${us(cell.alone.median)}) ±${percent(cell.cpu.spread / 2)}${ratio(bare)}${ratio(floor)}`
      }),
    ]),
  )
}

function httpOf(rows: HttpTable): string {
  const names = ['untouched', 'read', 'write']
  return table(
    [
      '',
      ...names.flatMap((name) => [
        `${name}: requests/s, of bare`,
        'p50 / p99 ms',
        'CPU µs',
        'Redis: commands, bytes in / out, µs',
      ]),
    ],
    Object.entries(rows).map(([name, row]) => [
      name,
      ...names.flatMap((scenario) => {
        const cell = row[scenario]
        if (!cell) return ['–', '–', '–', '–']
        const bare = rows[`${name.split(' / ')[0]} / bare handler`]?.[scenario]
        const of = bare ? `, ${percent(cell.perSecond / bare.perSecond)}` : ''
        return [
          `${Math.round(cell.perSecond)}${of} ±${percent(cell.spread / 2)}`,
          `${cell.p50} / ${cell.p99}`,
          cell.cpu.toFixed(0),
          redisOf(cell.redis),
        ]
      }),
    ]),
  )
}

function redisOf(use: RedisUse | undefined): string {
  if (!use) return '–'
  const { commands, received, sent, cpu } = use
  return `${commands.toFixed(2)}, ${received.toFixed(0)} / ${sent.toFixed(0)}, ${cpu.toFixed(1)}`
}

function listOf(
  values: Record<string, number>,
  unit: string,
  shown: (value: number) => string,
): string {
  return table(
    ['', unit],
    Object.entries(values).map(([name, value]) => [name, shown(value)]),
  )
}

const us = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0))
const percent = (part: number): string => `${(part * 100).toFixed(0)} %`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, index) => (index ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}
