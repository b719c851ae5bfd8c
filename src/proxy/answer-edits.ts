/** The header operations on the answer to one request, whoever gives it: remembered from the request, filled in by the answer. */

import type { AnswerTold } from '../mesh/table/header-commands.ts';
import type { Destination } from './choose-destination.ts';
import type { DataPath } from './data-path.ts';
import type { RequestHead } from './h1/request-head.ts';
import { type HeaderEdits, joinEdits, rememberRequest, resolveEdits } from './header-edits.ts';
import type { Caller } from './request-facts.ts';
import { requestTold } from './template-facts.ts';

export class AnswerEdits {
  #edits: HeaderEdits | undefined;

  /** Remembers what of the request may be told, since heads are gone when the answer comes. */
  remember(path: DataPath, destination: Destination, head: RequestHead, { client, clientAddress }: Caller): void {
    if (destination.responseEdits === undefined) return;
    this.#edits = rememberRequest(destination.responseEdits, () =>
      requestTold(path, {
        head,
        remoteAddress: clientAddress,
        peerAddress: client.remoteAddress,
        servicePort: client.servicePort,
        route: destination.route,
        cluster: destination.kind === 'answer' ? undefined : destination.cluster,
        ...(destination.kind === 'forward' && { sent: { path: destination.path, edits: destination.requestEdits } }),
      }),
    );
  }

  get isEmpty(): boolean {
    return this.#edits === undefined;
  }

  /** Other operations come before these. */
  prepend(edits: HeaderEdits): void {
    this.#edits = joinEdits(edits, this.#edits);
  }

  /** @param told what the answer says; asked for only when somebody wants to know */
  resolve(told: () => AnswerTold): HeaderEdits | undefined {
    return this.#edits === undefined ? undefined : resolveEdits(this.#edits, told);
  }
}
