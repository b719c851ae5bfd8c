/** IST0177: one host and port must speak one protocol, whichever ServiceEntry declares it. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf } from './analyzed-world.ts';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from './loose-fields.ts';
import { scopesOf } from './service-hosts.ts';

type Declared = { entry: KubeObject; scope: string; place: string; protocol: string; path: string };

export function analyzeServiceEntryProtocols(world: AnalyzedWorld, report: ReportMessage): void {
  const said = new Set<KubeObject>();
  const declared = world.ofKind('ServiceEntry').flatMap(declaredBy);
  for (const [place, all] of Map.groupBy(declared, (one) => one.place)) {
    for (const { entry, scope, path } of all) {
      const seen = all.filter((other) => scope === '*' || other.scope === '*' || other.scope === scope);
      const protocols = [...new Set(seen.map(({ protocol }) => protocol))].sort();
      if (protocols.length < 2 || said.has(entry)) continue;
      said.add(entry);
      const names = [...new Set(seen.map((one) => fullNameOf(one.entry)))].sort();
      const text = `${place} must have one protocol: got ${protocols.join(' and ')}, from ${names.join(', ')}`;
      report('IST0177', entry, path, text);
    }
  }
}

function declaredBy(entry: KubeObject): Declared[] {
  const { hosts, ports, exportTo } = fieldsOf(entry.spec);
  return scopesOf(entry, textsOf(exportTo)).flatMap((scope) =>
    textsOf(hosts).flatMap((host) =>
      listOf(ports).map((port, index) => {
        const { number, protocol } = fieldsOf(port);
        const place = `${host}:${numberOf(number)}`;
        return {
          entry,
          scope,
          place,
          protocol: textOf(protocol).toUpperCase() || 'none',
          path: `spec.ports[${index}]`,
        };
      }),
    ),
  );
}
