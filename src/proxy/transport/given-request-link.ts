/** A link for Node 26: a write answers 0 when it is complete, an error, or the request under which it goes on. */

import { FastLink } from './fast-link.ts';
import { handleOf } from './write-handle.ts';

export class GivenRequestLink extends FastLink {
  send(bytes: Buffer): boolean {
    const handle = handleOf(this.socket);
    // Node lets go of the handle when it destroys the socket.
    if (handle === undefined) return true;
    const outcome = handle.writeBuffer(null, bytes);
    if (outcome === 0) return true;
    if (typeof outcome === 'number') {
      this.socket.destroy();
      return true;
    }
    this.awaitRest(outcome, bytes);
    return false;
  }
}
