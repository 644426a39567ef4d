import type { SessionRecord } from '@sojourn/core'

export const KEY = 'a key of 32 bytes and a few more'

const at = 1_767_225_600_000

/** What was sealed when the format was made. */
export const VECTOR_OPEN: SessionRecord = {
  id: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  format: 1,
  version: 3,
  generation: 1,
  graceUntil: null,
  createdAt: at,
  startedAt: at,
  generatedAt: at,
  lastSeenAt: at,
  subject: 'ada',
  authentications: [{ method: 'password', at }],
  persistent: false,
  device: { label: 'Firefox on Linux' },
  data: { cart: ['tea', 'naïve 🍪'] },
}

/** The same, sealed: what unseals it no more breaks the sessions that are out there. */
export const VECTOR: SessionRecord = {
  ...VECTOR_OPEN,
  authentications: [],
  device: null,
  data: {
    sealed:
      '1.WSaOWPwX.lMdQwr1oDUuZLM8Pw8S3VDFKaklAqufENYm-H2AtAxiroTUkQWEmYc4jqhDD9vXnTC8eMFB514HB-BH4HCcGH4kbtv3uWLN4-YuEt8R8eQNR2iW1Flz16aDXqyM56gZad4j0CkDr7IVnEFN8xeOvPhKCb3DmgzJQsPx4c5GBT3-ND9p-ePVtACV9ePfF1vlULx30aFSlHZDTuZ4ckzvHRFSUfs9LUQ',
  },
}
