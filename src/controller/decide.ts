/** The middle of a turn: from the world to the next snapshot, through every event that has happened. No I/O. */

import { advance } from '../canary/advance.ts';
import type { Canary } from '../canary/canary.schema.ts';
import { nextEvent } from '../canary/next-event.ts';
import type { Observed } from '../canary/observed.ts';
import { operatorDecision, refusal } from '../canary/operator-decision.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import type { RolloutAction, RolloutActionSpec, RolloutActionStatus } from '../canary/rollout-action.schema.ts';
import { rolloutActionSpecSchema } from '../canary/rollout-action.schema.ts';
import type { RolloutEvent } from '../canary/rollout-events.ts';
import type { RolloutRecord } from '../canary/rollout-record.ts';
import { toRfc3339 } from '../lib/clock.ts';
import { parseWith } from '../lib/issue.ts';
import { type Announcement, announcementsOf } from './announcements.ts';

export type Outcome = { action: RolloutAction; status: RolloutActionStatus };

/** More events than states in one turn would mean that two of them undo each other. */
const EVENTS_PER_TURN_MAX = 30;

export class Decisions {
  readonly announcements: Announcement[] = [];
  readonly outcomes: Outcome[] = [];
  /** What the turn began with. */
  readonly started: RolloutSnapshot;
  readonly #name: string;
  #snapshot: RolloutSnapshot;

  constructor(name: string, snapshot: RolloutSnapshot) {
    this.#name = name;
    this.started = snapshot;
    this.#snapshot = snapshot;
  }

  get snapshot(): RolloutSnapshot {
    return this.#snapshot;
  }

  /** @returns whether the event meant anything */
  hear(event: RolloutEvent): boolean {
    const before = this.#snapshot;
    this.#snapshot = advance(before, event);
    this.announcements.push(...announcementsOf(before, this.#snapshot, this.#name));
    return this.#snapshot !== before;
  }

  /** Everything that has happened in the world, one event after the other. */
  follow(observed: Observed): void {
    for (let count = 0; count < EVENTS_PER_TURN_MAX; count++) {
      const event = nextEvent(this.#snapshot, observed);
      if (event === undefined || !this.hear(event)) return;
    }
  }

  /** What people decided, in the order in which they did. */
  obey(actions: readonly RolloutAction[], { metadata, status }: Canary, observed: Observed): void {
    for (const action of actions) {
      const answered = status?.rollout?.answered?.find(({ uid }) => uid === action.metadata.uid);
      const answer = answered === undefined ? this.#obeyOne(action, metadata.uid, observed) : asStatus(answered);
      this.outcomes.push({ action, status: answer });
      this.follow(observed);
    }
  }

  #obeyOne(action: RolloutAction, canaryUid: string | undefined, observed: Observed): RolloutActionStatus {
    const at = toRfc3339(observed.at);
    const spec = parseWith(rolloutActionSpecSchema, action.spec);
    if (!spec.ok) {
      const message = spec.issues.map(({ path, message: text }) => `spec.${path} ${text}`).join('; ');
      return { outcome: 'Ignored', message, at };
    }
    const decision = operatorDecision({ action: spec.value, canaryUid, snapshot: this.#snapshot, observed });
    if (decision.kind === 'ignored') return { outcome: 'Ignored', message: decision.message, at };
    const before = this.#snapshot;
    if (!this.hear(decision.event)) return { outcome: 'Ignored', message: refusal(spec.value, before), at };
    return { outcome: 'Applied', message: whatItDid(spec.value.action, before.value, this.#snapshot.value), at };
  }
}

function whatItDid(action: RolloutActionSpec['action'], before: string, now: string): string {
  if (before !== now) return `The rollout went from ${before} to ${now}`;
  return action === 'Pause' ? `The rollout is paused in ${now}` : `The rollout goes on in ${now}`;
}

function asStatus({ outcome, message, at }: NonNullable<RolloutRecord['answered']>[number]): RolloutActionStatus {
  return { outcome, message, at };
}
