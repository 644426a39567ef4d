export { SessionObject, SubjectObject } from '@sojourn/cloudflare'
export { CountedSessionObject, CountedSubjectObject, PlainObject } from './cost/counted-objects.ts'

export default {
  fetch: () => new Response('ok'),
}
