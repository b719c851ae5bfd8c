/** IST0002: fields that Istio still reads and will not for ever. */

import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { fieldsOf, listOf } from './loose-fields.ts';

export function analyzeDeprecatedFields(world: AnalyzedWorld, report: ReportMessage): void {
  for (const virtualService of world.ofKind('VirtualService')) {
    for (const [index, rule] of listOf(fieldsOf(virtualService.spec).http).entries()) {
      const { delay } = fieldsOf(fieldsOf(rule).fault);
      if (fieldsOf(delay).percent === undefined) continue;
      const path = `spec.http[${index}].fault.delay.percent`;
      report('IST0002', virtualService, path, 'Field fault.delay.percent is deprecated: use fault.delay.percentage');
    }
  }
  for (const sidecar of world.ofKind('Sidecar')) {
    if (fieldsOf(fieldsOf(sidecar.spec).outboundTrafficPolicy).egressProxy === undefined) continue;
    const path = 'spec.outboundTrafficPolicy.egressProxy';
    report('IST0002', sidecar, path, 'Field outboundTrafficPolicy.egressProxy is deprecated');
  }
}
