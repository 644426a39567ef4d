declare module 'cloudflare:workers' {
  import type { D1Database } from '@sojourn/stores/sqlite'

  export const env: { readonly SESSIONS_DB: D1Database & { withSession(): D1Database } }
}
