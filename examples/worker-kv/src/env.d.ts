/** What `wrangler.jsonc` binds. `npx wrangler types` writes the same, and more. */
declare namespace Cloudflare {
  interface Env {
    SESSIONS_KV: KVNamespace
    SESSION_SECRET: string
  }
}
