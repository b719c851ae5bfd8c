/** Printer columns of a custom resource: `additionalPrinterColumns`, each a JSONPath, after the name. */

import { ageOf } from '../builtin/duration-text.ts';
import { at, type Fields, listAt } from '../builtin/field-access.ts';
import { DEFAULT_COLUMNS } from '../builtin/printer-columns.ts';
import type { PrinterColumn } from '../kind.ts';
import { compileJsonPath } from './json-path.ts';

type Cell = string | number | boolean | null;

/** Without declared columns: name and age. */
export function columnsOfVersion(version: Fields): readonly PrinterColumn[] {
  const declared = listAt(version, 'additionalPrinterColumns');
  const [name] = DEFAULT_COLUMNS;
  return declared.length === 0 || name === undefined ? DEFAULT_COLUMNS : [name, ...declared.map(columnOf)];
}

function columnOf(declared: Fields): PrinterColumn {
  const type = String(declared.type) as PrinterColumn['type'];
  const read = compileJsonPath(String(at(declared, 'jsonPath') ?? ''));
  return {
    name: String(declared.name),
    type,
    ...(typeof declared.format === 'string' ? { format: declared.format } : {}),
    ...(typeof declared.description === 'string' ? { description: declared.description } : {}),
    priority: typeof declared.priority === 'number' ? declared.priority : 0,
    cell: (object, now) => cellOf(read(object), type, now),
  };
}

/** A value of another type than the column's is no value, as on the real server. */
function cellOf(found: readonly unknown[], type: PrinterColumn['type'], now: number): Cell {
  const [value] = found;
  if (found.length === 0 || value === null || value === undefined) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    case 'string':
      return typeof value === 'string'
        ? found.map(String).join(',')
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
    default:
      return null;
  }
}
