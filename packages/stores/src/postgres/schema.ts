import { hasHalves, quoted } from '../key.ts'

/** The store's statements. Every instant comes from the store's clock, none from the server's. */
export interface Statements {
  /** What makes the table and its indexes where they are missing. */
  readonly migrate: string
  readonly read: string
  readonly create: string
  readonly update: string
  readonly touch: string
  readonly remove: string
  readonly list: string
  readonly sweep: string
}

// Postgres cuts longer names off, and then two would be one.
const NAME_BYTES = 63
// Any number will do, if it is always the same.
const MIGRATION_LOCK = '7954773412869271'
// In milliseconds. A touch that stays within the hour changes no index, and so costs Postgres a third less.
const HOUR = 3_600_000

/**
 * The statements for a table of this name in a schema of this name; `undefined`: where the search path leads.
 *
 * @throws {TypeError} naming the option.
 */
export function statementsFor(table: string, schema: string | undefined): Statements {
  const name = `${schema === undefined ? '' : `${nameOf('schema', schema)}.`}${nameOf('table', table)}`
  const columns = 'version, subject, last_seen_at, expires_at, record'
  const live = (id: string, now: string) => `id = ${id} AND expires_at > ${now}`
  return {
    migrate: migration(name, schema),
    read: `SELECT record, last_seen_at FROM ${name} WHERE ${live('$1', '$2')}`,
    create: `INSERT INTO ${name} AS kept (${columns}, id) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (id) DO UPDATE SET (${columns}) =
        (excluded.version, excluded.subject, excluded.last_seen_at, excluded.expires_at, excluded.record)
      WHERE kept.expires_at <= $7 RETURNING 1`,
    // What another writer does between the two can only be told or missed: both look at the moment when the statement began.
    update: `WITH updated AS (UPDATE ${name} SET (${columns}) = ($1, $2, $3, $4, $5)
        WHERE ${live('$6', '$7')} AND version = $8 RETURNING 1)
      SELECT CASE WHEN EXISTS (SELECT FROM updated) THEN 'updated'
        WHEN EXISTS (SELECT FROM ${name} WHERE ${live('$6', '$7')}) THEN 'stale'
        ELSE 'missing' END`,
    touch: `UPDATE ${name} SET last_seen_at = greatest(last_seen_at, $1), expires_at = greatest(expires_at, $2)
      WHERE ${live('$3', '$4')} RETURNING 1`,
    remove: `DELETE FROM ${name} WHERE ${live('$1', '$2')} RETURNING 1`,
    list: `SELECT record, last_seen_at, id FROM ${name}
      WHERE subject = $1 AND id > $2 AND expires_at > $3 ORDER BY id LIMIT $4`,
    // An array is made once. A subselect in its place may be run again for each row, and then more rows go than the limit says.
    sweep: `WITH swept AS (DELETE FROM ${name} WHERE id = ANY (ARRAY(
        SELECT id FROM ${name}
        WHERE expiry_hour >= $3 AND expiry_hour <= ceil($1::double precision / ${HOUR}) AND expires_at <= $1
        ORDER BY expiry_hour LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING expiry_hour)
      SELECT count(*), max(expiry_hour) FROM swept`,
  }
}

// One statement, so that it is all there or not at all, and who waits for the lock finds the table: `to_reg…` tell what is there now, where a
// query in a transaction of repeatable reads tells what was there before. `IF NOT EXISTS` would ask for rights that who comes later may not have.
// The indexes get names of Postgres' own.
function migration(name: string, schema: string | undefined): string {
  const makeSchema =
    schema === undefined
      ? ''
      : `IF to_regnamespace(${literal(quoted(schema))}) IS NULL THEN
          CREATE SCHEMA ${quoted(schema)};
        END IF;`
  return `DO ${literal(`
    BEGIN
      PERFORM pg_advisory_xact_lock(${MIGRATION_LOCK});
      ${makeSchema}
      IF to_regclass(${literal(name)}) IS NULL THEN
        CREATE TABLE ${name} (
          version bigint NOT NULL,
          last_seen_at double precision NOT NULL,
          expires_at double precision NOT NULL,
          expiry_hour double precision NOT NULL GENERATED ALWAYS AS (ceil(expires_at / ${HOUR})) STORED,
          id text COLLATE "C" NOT NULL PRIMARY KEY,
          subject text COLLATE "C",
          record text NOT NULL
        ) WITH (fillfactor = 90);
        CREATE INDEX ON ${name} (expiry_hour);
        CREATE INDEX ON ${name} (subject, id) WHERE subject IS NOT NULL;
      END IF;
      PERFORM version, subject, last_seen_at, expires_at, expiry_hour, record, id FROM ${name} LIMIT 0;
    END`)}`
}

function nameOf(option: 'schema' | 'table', name: unknown): string {
  const right = typeof name === 'string' && /^[^\0]+$/.test(name) && !hasHalves(name)
  if (!right || new TextEncoder().encode(name).length > NAME_BYTES) {
    const got = typeof name === 'string' ? JSON.stringify(name) : typeof name
    throw new TypeError(
      `"${option}" must be a name of at most ${NAME_BYTES} bytes in UTF-8, got ${got}`,
    )
  }
  return quoted(name)
}

/** A text in a statement, whatever is in it and however the server reads backslashes. */
function literal(text: string): string {
  let tag = '$q'
  while (text.includes(tag)) tag += 'q'
  return `${tag}$${text}${tag}$`
}
