/** Every destination that a VirtualService names, with its place. */

import type { KubeObject } from '../../lib/resource.ts';
import { fieldsOf, listOf, numberOf, textOf } from './loose-fields.ts';

export type NamedDestination = {
  host: string;
  subset: string;
  port: number | undefined;
  /** Field path of the destination. */
  path: string;
  isMirror: boolean;
};

export function destinationsOf({ spec }: KubeObject): NamedDestination[] {
  const { http, tcp, tls } = fieldsOf(spec);
  return [
    ...listOf(http).flatMap((rule, index) => [
      ...routesOf(rule, `spec.http[${index}]`),
      ...mirrorsOf(rule, `spec.http[${index}]`),
    ]),
    ...listOf(tls).flatMap((rule, index) => routesOf(rule, `spec.tls[${index}]`)),
    ...listOf(tcp).flatMap((rule, index) => routesOf(rule, `spec.tcp[${index}]`)),
  ];
}

function routesOf(rule: unknown, path: string): NamedDestination[] {
  return listOf(fieldsOf(rule).route).map((route, index) =>
    destinationAt(fieldsOf(route).destination, `${path}.route[${index}].destination`, false),
  );
}

function mirrorsOf(rule: unknown, path: string): NamedDestination[] {
  const { mirror, mirrors } = fieldsOf(rule);
  return [
    ...(mirror === undefined ? [] : [destinationAt(mirror, `${path}.mirror`, true)]),
    ...listOf(mirrors).map((each, index) =>
      destinationAt(fieldsOf(each).destination, `${path}.mirrors[${index}].destination`, true),
    ),
  ];
}

function destinationAt(value: unknown, path: string, isMirror: boolean): NamedDestination {
  const { host, subset, port } = fieldsOf(value);
  return { host: textOf(host), subset: textOf(subset), port: numberOf(fieldsOf(port).number), path, isMirror };
}
