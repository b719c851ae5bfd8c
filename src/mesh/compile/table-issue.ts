/** What somebody should know about a resource: refused, or accepted with a meaning that may surprise. Never silent. */

import type { ErrorCode } from '../../lib/errors.ts';
import type { IstioMeta } from '../schema/envelope.ts';

export type TableIssue = {
  /** An error: the resource, and only it, is left out. A warning: it is used. */
  level: 'error' | 'warning';
  code: ErrorCode;
  kind: string;
  namespace: string;
  name: string;
  /** Field path: `spec.http[0].fault`. */
  path: string;
  message: string;
};

/** Collects issues about one resource; the same issue is kept once, however many ports and hosts meet it. */
export type Report = (code: ErrorCode, path: string, message: string) => void;

export type Reports = {
  /** In the order in which they were met, by their content. */
  readonly found: ReadonlyMap<string, TableIssue>;
  about(kind: TableIssue['kind'], meta: IstioRef): Report;
  /** Takes over what was reported elsewhere. */
  add(found: ReadonlyMap<string, TableIssue>): void;
};

export function createReports(): Reports {
  const found = new Map<string, TableIssue>();
  return {
    found,
    add(others) {
      for (const [key, issue] of others) found.set(key, issue);
    },
    about:
      (kind, { namespace, name }) =>
      (code, path, message) => {
        const issue: TableIssue = { level: 'warning', code, kind, namespace, name, path, message };
        found.set(JSON.stringify(issue), issue);
      },
  };
}

type IstioRef = Pick<IstioMeta, 'name' | 'namespace'>;
