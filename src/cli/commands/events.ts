/** `sluice events X`: what the controller announced about a Canary, oldest first. */

import type { Canary } from '../../canary/canary.schema.ts';
import { EVENT } from '../../kube/resource-types.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { ageSince } from '../age.ts';
import { renderColumns } from '../columns.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

type EventObject = KubeObject & {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string;
  lastTimestamp?: string;
  eventTime?: string;
};

export async function events(name: string, session: Session, surroundings: Surroundings): Promise<number> {
  const found = await eventsOf(await findCanary(session, name), session);
  if (found.length === 0) surroundings.stderr.write(`No events of canary ${name}\n`);
  else surroundings.stdout.write(`${renderEvents(found, surroundings.clock.now())}\n`);
  return EXIT.ok;
}

export async function eventsOf({ metadata }: Canary, { client, namespace }: Session): Promise<EventObject[]> {
  const fieldSelector = `involvedObject.name=${metadata.name},involvedObject.kind=Canary`;
  const { items } = await client.list<EventObject>(EVENT, { namespace, fieldSelector });
  return items.toSorted((a, b) => instantOf(a).localeCompare(instantOf(b)));
}

export function renderEvents(events: readonly EventObject[], now: number): string {
  return renderColumns(
    [
      { header: 'LAST SEEN', cell: (event) => ageSince(instantOf(event), now) },
      { header: 'TYPE', cell: ({ type = '' }) => type },
      { header: 'REASON', cell: ({ reason = '' }) => reason },
      { header: 'COUNT', cell: ({ count = 1 }) => String(count) },
      { header: 'MESSAGE', cell: ({ message = '' }) => message },
    ],
    events,
  );
}

function instantOf({ lastTimestamp, eventTime, firstTimestamp, metadata }: EventObject): string {
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
}
