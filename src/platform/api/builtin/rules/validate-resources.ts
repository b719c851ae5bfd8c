/** What a container asks for and may use. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { invalid } from '../../schema/causes.ts';
import { compareQuantities } from '../../wire/quantity.ts';
import { type Fields, fieldsAt } from '../field-access.ts';

const STANDARD = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

export function validateResources(resources: Fields, path: string): StatusCause[] {
  const limits = fieldsAt(resources, 'limits');
  const requests = fieldsAt(resources, 'requests');
  return [
    ...Object.entries(limits).flatMap(([name]) => validateResourceName(name, `${path}.limits[${name}]`)),
    ...Object.entries(requests).flatMap(([name, quantity]) => {
      const limit = limits[name];
      const causes = validateResourceName(name, `${path}.requests[${name}]`);
      if (limit === undefined || compareQuantities(quantity, limit) <= 0) return causes;
      return [
        ...causes,
        invalid(`${path}.requests`, quantity, `must be less than or equal to ${name} limit of ${limit}`),
      ];
    }),
  ];
}

function validateResourceName(name: string, field: string): StatusCause[] {
  if (name.includes('/') || STANDARD.test(name)) return [];
  return [
    invalid(field, name, 'must be a standard resource type or fully qualified'),
    invalid(field, name, 'must be a standard resource for containers'),
  ];
}
