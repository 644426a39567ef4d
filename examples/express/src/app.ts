import express, { type Express, type RequestHandler } from 'express'
import { pageOf } from './page.ts'

/** What `req.session` holds, as the application has always had it. */
interface Visit {
  user?: string
  notes?: string[]
  flash?: string
  regenerate(done: (error?: unknown) => void): void
  destroy(done: (error?: unknown) => void): void
}

const sessionOf = (request: unknown): Visit => (request as { session: Visit }).session

/** A notebook, written for express-session years ago. Not a line of it knows whose sessions it has. */
export function createNotebook(session: RequestHandler): Express {
  const app = express().disable('x-powered-by')
  app.use(express.urlencoded({ extended: false, limit: '10kb' }))
  app.use(session)

  app.get('/', (request, response) => {
    const visit = sessionOf(request)
    const { user, notes = [], flash } = visit
    if (flash) delete visit.flash
    response.set(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
    )
    response.send(pageOf({ user, notes, flash }))
  })

  app.post('/sign-in', (request, response, next) => {
    const name = String(request.body?.name ?? '')
      .trim()
      .slice(0, 40)
    if (!name) return response.redirect(303, '/')
    sessionOf(request).regenerate((error) => {
      if (error) return next(error)
      Object.assign(sessionOf(request), { user: name, flash: `Welcome, ${name}` })
      response.redirect(303, '/')
    })
  })

  app.post('/notes', (request, response) => {
    const visit = sessionOf(request)
    const text = String(request.body?.text ?? '')
      .trim()
      .slice(0, 500)
    if (visit.user && text) visit.notes = [...(visit.notes ?? []), text]
    response.redirect(303, '/')
  })

  app.post('/sign-out', (request, response, next) => {
    sessionOf(request).destroy((error) => (error ? next(error) : response.redirect(303, '/')))
  })

  return app
}
