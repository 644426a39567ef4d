import { AT, HEADER_LENGTH, NONCE_AT, WIDTH } from './entry.ts'

/** A script, and the name by which a server that has it knows it. */
export interface Script {
  readonly text: string
  /** The SHA-1 of the text. */
  name(): Promise<string>
}

const field = (name: keyof typeof AT): string =>
  `string.sub(kept, ${AT[name]}, ${AT[name] + WIDTH - 1})`

// Every script is about one key. `now` is the store's clock, not the server's. That the header has its length is seen much quicker than its every digit.
const FIND = `
local kept = redis.call('GET', KEYS[1])
if kept and (string.find(kept, '\\n', 1, true) ~= ${HEADER_LENGTH + 1} or string.byte(kept, ${NONCE_AT - 1}) ~= 32) then
  return redis.error_reply('ERR the key of a session holds something else')
end
local now = ARGV[1]
if kept and ${field('expiresAt')} <= now then kept = false end
`

/**
 * ARGV: now, milliseconds to keep it, nonce, entry. 1: created, 0: taken. A client that lost an answer may send the same again, and finds its own nonce.
 */
export const CREATE: Script = script(`${FIND}
if kept then
  return string.sub(kept, ${NONCE_AT}, ${HEADER_LENGTH}) == ARGV[3] and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[2])
return 1
`)

/**
 * ARGV: now, milliseconds, version before, entry. 0: missing, 1: updated, 2: stale, 3: the index must promise the session first. A client that lost an answer
 * may send the same again, and finds its own nonce. What the index has promised the same subject already stays promised.
 */
export const UPDATE: Script = script(`${FIND}
if not kept then return 0 end
local entry = ARGV[4]
if string.sub(kept, ${NONCE_AT}, ${HEADER_LENGTH}) == string.sub(entry, ${NONCE_AT}, ${HEADER_LENGTH}) then return 1 end
if ${field('version')} ~= ARGV[3] then return 2 end
if string.sub(entry, ${HEADER_LENGTH + 2}, ${HEADER_LENGTH + 6}) ~= 'null\\n' then
  local last = string.find(entry, '\\n', ${HEADER_LENGTH + 2}, true)
  local promised = string.sub(entry, ${AT.promised}, ${AT.promised + WIDTH - 1})
  if string.sub(kept, ${HEADER_LENGTH + 2}, last) == string.sub(entry, ${HEADER_LENGTH + 2}, last) and ${field('promised')} > promised then
    promised = ${field('promised')}
    entry = string.sub(entry, 1, ${AT.promised - 1}) .. promised .. string.sub(entry, ${AT.promised + WIDTH})
  end
  if promised < string.sub(entry, ${AT.expiresAt}, ${AT.expiresAt + WIDTH - 1}) then return 3 end
end
redis.call('SET', KEYS[1], entry, 'PX', ARGV[2])
return 1
`)

/**
 * ARGV: now, milliseconds, last seen, expiry, promised, to whose index, as JSON. 0: missing, 1: touched; a subject, as JSON: its index must promise the
 * session first.
 */
export const TOUCH: Script = script(`${FIND}
if not kept then return 0 end
local seen = ${field('lastSeenAt')}
local expiry = ${field('expiresAt')}
local promised = ${field('promised')}
if ARGV[3] > seen then seen = ARGV[3] end
local longer = ARGV[4] > expiry
if longer then expiry = ARGV[4] end
local subject = string.match(kept, '^[^\\n]*', ${HEADER_LENGTH + 2})
if subject == ARGV[6] and ARGV[5] > promised then promised = ARGV[5] end
if subject ~= 'null' and promised < expiry then return subject end
redis.call('SETRANGE', KEYS[1], ${AT.lastSeenAt - 1}, seen .. ' ' .. expiry .. ' ' .. promised)
if longer then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`)

/** ARGV: now. 0: missing; else the subject of what was there, as JSON. */
export const DELETE: Script = script(`${FIND}
if not kept then return 0 end
redis.call('DEL', KEYS[1])
return string.match(kept, '^[^\\n]*', ${HEADER_LENGTH + 2})
`)

/** ARGV: now, milliseconds, promised, id. Of a subject's index. */
export const PROMISE: Script = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], 'GT', ARGV[3], ARGV[4])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`)

/** ARGV: now, limit, score and id to go on after. Ids and scores by turns, in the order of their scores. */
export const PAGE: Script = script(`
-- As Redis orders members. Lua's own comparison goes by the server's locale.
local function before(a, b)
  for at = 1, math.min(#a, #b) do
    local x, y = string.byte(a, at), string.byte(b, at)
    if x ~= y then return x < y end
  end
  return #a < #b
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local limit = tonumber(ARGV[2])
local from = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[3])
local last = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[3])
while from < last do
  local middle = math.floor((from + last) / 2)
  if before(ARGV[4], redis.call('ZRANGE', KEYS[1], middle, middle)[1]) then
    last = middle
  else
    from = middle + 1
  end
end
return redis.call('ZRANGE', KEYS[1], from, from + limit - 1, 'WITHSCORES')
`)

function script(text: string): Script {
  let name: string | undefined
  return {
    text,
    async name() {
      // Not at the start, since Workers allow no promise there.
      name ??= hex(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text)))
      return name
    },
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
