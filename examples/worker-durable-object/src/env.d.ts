/** What `wrangler.jsonc` binds. `npx wrangler types` writes the same, and more. */
declare namespace Cloudflare {
  interface Env {
    SESSIONS: DurableObjectNamespace<import('@sojourn/cloudflare').SessionObject>
    SUBJECTS: DurableObjectNamespace<import('@sojourn/cloudflare').SubjectObject>
    SESSION_SECRET: string
  }
}
