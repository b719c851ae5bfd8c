/** A manifest of a folder: the object, and where each of its fields stands in the file. */

import type { KubeObject } from '../../lib/resource.ts';

/** Both count from 1, as editors do. */
export type Position = { line: number; column: number };

export type ManifestDocument = {
  /** Path relative to the folder. */
  file: string;
  object: KubeObject;
  /** Where the field of a path such as `spec.replicas` stands, or the nearest one around it. */
  positionOf: (fieldPath: string) => Position;
};

export type ManifestProblem = Position & {
  file: string;
  /** Field path; empty when the whole document is meant. */
  path: string;
  /** What is expected, and what was found. */
  message: string;
};

/** `canary.yaml:12:9`. */
export function formatPlace({ file, line, column }: Position & { file: string }): string {
  return `${file}:${line}:${column}`;
}

/** `canary.yaml:12:9: spec.analysis.threshold: must be a whole number: got "many"`. */
export function formatProblem({ path, message, ...place }: ManifestProblem): string {
  return [formatPlace(place), ...(path === '' ? [] : [path]), message].join(': ');
}

/** `Deployment shop/web`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return metadata.namespace === undefined
    ? `${kind} ${metadata.name}`
    : `${kind} ${metadata.namespace}/${metadata.name}`;
}
