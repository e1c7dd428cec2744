/**
 * The owner's side of `queueRpcs`.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Lease, Mailbox } from "./Mailbox.ts"
import { queueRpcs } from "./queueRpcs.ts"
import { type Served, type ServeOptions, serve } from "./serve.ts"

/** What a connection may do: where its puts go, where its takes come from, what ends it. */
export interface Party<E> {
  readonly puts: Mailbox<Uint8Array, E>
  readonly takes: Mailbox<Uint8Array, E>
  readonly close: () => void
  readonly abandon: (cause: unknown) => void
  /** The connection has ended, and what it had leased is back. */
  readonly onDisconnect: () => void
}

interface Attachment<E> {
  readonly party: Party<E>
  readonly leases: Map<number, Lease<Uint8Array>>
  readonly calls: Map<number, Fiber.Fiber<unknown, unknown>>
}

export const serveQueue = <E>(
  ended: Schema.Codec<E, unknown>,
  attach: (party: string) => Party<E>,
  options?: Omit<ServeOptions, "onDisconnect">
): Effect.Effect<Served, never, Scope.Scope> =>
  Effect.suspend(() => {
    const attachments = new Map<number, Attachment<E>>()
    const group = queueRpcs(ended)

    /** A call that overtakes its connection's end has nobody to answer: it must not take an item. */
    const attached = <A, F>(client: { readonly id: number }, use: (attachment: Attachment<E>) => Effect.Effect<A, F>) =>
      Effect.suspend(() => {
        const attachment = attachments.get(client.id)
        return attachment === undefined ? Effect.interrupt : use(attachment)
      })

    /** Remembers who works on a ticket, so that `Cancel` answers only when that work has stopped. */
    const ticketed = <A, F>({ calls }: Attachment<E>, ticket: number, work: Effect.Effect<A, F>) =>
      Effect.withFiber<A, F>((fiber) => {
        calls.set(ticket, fiber)
        return Effect.ensuring(
          work,
          Effect.sync(() => calls.delete(ticket))
        )
      })

    const giveBack = ({ leases, party }: Attachment<E>, ticket: number) => {
      const lease = leases.get(ticket)
      if (lease === undefined) return
      leases.delete(ticket)
      party.takes.giveBack(lease)
    }

    const handlers = group.toLayer({
      Attach: ({ party }, { client }) =>
        Effect.sync(() => {
          attachments.set(client.id, { party: attach(party), leases: new Map(), calls: new Map() })
        }),
      Put: ({ ticket, item, patience }, { client }) =>
        attached(client, (attachment) => ticketed(attachment, ticket, attachment.party.puts.put(item, patience))),
      Take: ({ ticket, patience }, { client }) =>
        attached(client, (attachment) =>
          ticketed(
            attachment,
            ticket,
            Effect.map(
              attachment.party.takes.lease(patience, (lease) => attachment.leases.set(ticket, lease)),
              () => Option.map(Option.fromUndefinedOr(attachment.leases.get(ticket)), (lease) => lease.value)
            )
          )
        ),
      Commit: ({ ticket }, { client }) =>
        attached(client, ({ leases, party }) =>
          Effect.sync(() => {
            const lease = leases.get(ticket)
            leases.delete(ticket)
            if (lease !== undefined) party.takes.commit(lease)
          })
        ),
      Cancel: ({ ticket }, { client }) =>
        attached(client, (attachment) => {
          const call = attachment.calls.get(ticket)
          return Effect.andThen(
            call === undefined ? Effect.void : Fiber.interrupt(call),
            Effect.sync(() => giveBack(attachment, ticket))
          )
        }),
      Size: (_, { client }) => attached(client, ({ party }) => party.takes.size),
      Close: (_, { client }) => attached(client, ({ party }) => Effect.sync(party.close)),
      Abandon: ({ cause }, { client }) => attached(client, ({ party }) => Effect.sync(() => party.abandon(cause)))
    })

    return serve(group, handlers, {
      ...options,
      onDisconnect: (clientId) =>
        Effect.sync(() => {
          const attachment = attachments.get(clientId)
          if (attachment === undefined) return
          attachments.delete(clientId)
          for (const ticket of [...attachment.leases.keys()].reverse()) giveBack(attachment, ticket)
          attachment.party.onDisconnect()
        })
    })
  })
