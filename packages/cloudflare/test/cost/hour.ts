import { runDurableObjectAlarm } from 'cloudflare:test'
import { type Browser, browser, type Clock, clock as startClock } from '@sojourn/core/testing'
import { vi } from 'vitest'
import { countedBindings } from './counted-bindings.ts'
import { type Alarm, type Alarms, current } from './counted-storage.ts'
import type { Design } from './designs.ts'
import { forgeries } from './forgeries.ts'
import { createMeter, type Meter } from './meter.ts'
import { script } from './script.ts'

/** What an hour came to. */
export interface Hour {
  readonly name: string
  readonly meter: Meter
  /** What is still kept when all sessions should have ended. */
  readonly left: readonly string[]
}

// So far ahead that no alarm goes off by itself.
const BEGINNING = Date.UTC(2100, 0, 1)

/**
 * Sends a site through the hour, one request after the other, then lets all sessions end. Time is the script's everywhere: for the
 * sessions, for the browsers, and, as `Date`, for the objects, whose alarms go off in their turn. The caller has made `Date` a fake.
 */
export async function hourOf(design: Design): Promise<Hour> {
  const steps = script()
  const clock = startClock(BEGINNING)
  const meter = createMeter(clock)
  Object.assign(current, { meter, alarms: new Map() })
  moveTo(clock, BEGINNING + Math.min(...steps.map(({ at }) => at)) - 1)
  const site = design.site(countedBindings(design.name, meter, clock))
  const forged = await forgeries(site, clock)
  const visitors = new Map<number, Browser>()
  for (const { at, phase, visitor, path, forgery } of steps) {
    await alarmsUntil(BEGINNING + at, clock)
    moveTo(clock, BEGINNING + at)
    meter.phase = phase
    meter.countRequest()
    const known = visitor === null ? undefined : visitors.get(visitor)
    const client = known ?? browser(site, { clock })
    if (visitor !== null) visitors.set(visitor, client)
    const cookie = forgery === undefined ? {} : { cookie: forged[forgery % forged.length] ?? '' }
    const { ok, status } = await client.get(path, { headers: cookie })
    if (!ok || client.refused.length) throw new Error(`${path}: ${status}`)
  }
  await alarmsUntil(Infinity, clock)
  return { name: design.name, meter, left: meter.settle() }
}

function moveTo(clock: Clock, instant: number): void {
  clock.set(instant)
  vi.setSystemTime(instant)
}

/** Lets go off, one after the other, the alarms that are set for this instant or before. */
async function alarmsUntil(instant: number, clock: Clock): Promise<void> {
  const { meter, alarms } = current
  for (;;) {
    const next = earliest(alarms)
    if (!next || next.at > instant) return
    const { name, at, stub } = next
    alarms.delete(name)
    moveTo(clock, Math.max(at, clock()))
    meter.phase = meter.phaseOfAlarm(name)
    meter.count(name.includes('/subject/') ? 'subjectRequests' : 'sessionRequests')
    if (!(await runDurableObjectAlarm(stub()))) throw new Error(`${name} had no alarm`)
  }
}

function earliest(alarms: Alarms): (Alarm & { name: string }) | null {
  let first: (Alarm & { name: string }) | null = null
  for (const [name, alarm] of alarms) if (!first || alarm.at < first.at) first = { name, ...alarm }
  return first
}
