/** The chart as a Mermaid picture, for `docs/rollout.md`; a test keeps that page current. */

import { toDirectedGraph } from 'xstate/graph';
import { rolloutMachine } from './rollout.machine.ts';

/** Every transition of the chart with its event and guard, one line each, in the order in which they are tried. */
export function toMermaid(): string {
  const edges = toDirectedGraph(rolloutMachine).children.flatMap((state) => state.edges);
  const lines = edges
    .filter(({ source, target }) => source.id !== target.id)
    .map(({ source, target, label, transition }) => {
      const guard = typeof transition.guard === 'string' ? ` [${transition.guard}]` : '';
      return `  ${nameOf(source.id)} --> ${nameOf(target.id)}: ${label.text}${guard}`;
    });
  return ['stateDiagram-v2', '  [*] --> initializing', ...new Set(lines)].join('\n');
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
