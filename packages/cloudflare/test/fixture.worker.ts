export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

export default {
  fetch: () => new Response('ok'),
}
