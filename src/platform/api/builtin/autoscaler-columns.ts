/** The targets of a HorizontalPodAutoscaler: what was read, and what is wanted, of two metrics at most. */

import type { KubeObject } from '../../../lib/resource.ts';
import { fieldsAt, listAt, textAt } from './field-access.ts';

export function autoscalerTargets(object: KubeObject): string {
  const specs = listAt(object, 'spec', 'metrics');
  if (specs.length === 0) return '<none>';
  const current = listAt(object, 'status', 'currentMetrics');
  return listTextOfTwo(
    specs.map((metric, index) => {
      const kind = (textAt(metric, 'type') ?? '').replace(/^./, (letter) => letter.toLowerCase());
      const target = fieldsAt(metric, kind, 'target');
      const reading = fieldsAt(current[index], kind, 'current');
      if (target.averageUtilization !== undefined) {
        const found = reading.averageUtilization;
        const name = textAt(metric, kind, 'name');
        const text = `${found === undefined ? '<unknown>' : `${found}%`}/${target.averageUtilization}%`;
        return name === undefined ? text : `${name}: ${text}`;
      }
      const wanted = target.averageValue ?? target.value;
      return `${reading.averageValue ?? reading.value ?? '<unknown>'}/${wanted}${target.averageValue === undefined ? '' : ' (avg)'}`;
    }),
  );
}

function listTextOfTwo(texts: readonly string[]): string {
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ');
}
