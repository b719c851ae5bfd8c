/** `meta.k8s.io/v1` Table: what `kubectl get` asks for, so that it needs to know nothing about kinds. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { KindDefinition, PrinterColumn } from '../kind.ts';

export type TableOptions = {
  /** Epoch milliseconds, for ages. */
  now: number;
  includeObject: 'Metadata' | 'Object' | 'None';
  /** Of the list, or of the one object. */
  resourceVersion: string;
  continueToken?: string;
  /** Objects after this page. */
  remaining?: number;
  /** In a watch, only the first event carries the columns. */
  withColumns: boolean;
};

export function toTable(kind: KindDefinition, objects: readonly KubeObject[], options: TableOptions): object {
  const { now, resourceVersion, continueToken, remaining, withColumns } = options;
  const metadata = {
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    ...(continueToken ? { continue: continueToken } : {}),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
  const rows = objects.map((object) => ({
    cells: kind.columns.map(({ cell }) => cell(object, now)),
    ...rowObject(object, options.includeObject),
  }));
  const columnDefinitions = withColumns ? kind.columns.map(definitionOf) : null;
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows };
}

function definitionOf({ name, type, format = '', description = '', priority }: PrinterColumn): object {
  return { name, type, format, description, priority };
}

function rowObject(object: KubeObject, include: TableOptions['includeObject']): object {
  switch (include) {
    case 'None':
      return { object: null };
    case 'Object':
      return { object };
    case 'Metadata':
      return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } };
    default:
      return include satisfies never;
  }
}
