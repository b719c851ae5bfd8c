/** `sluice explain`: reads a folder as the stand-alone proxy does, and says why a request goes where it goes. */

import { resolve } from 'node:path';
import type { ExplainCommand } from '../cli/commands/explain.ts';
import { EXIT } from '../cli/exit-code.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { readFolderTable } from '../discovery/read-folder-table.ts';
import { buildVirtualHost, HostIndex, hostsOfPort } from '../mesh/table/built-table.ts';
import { type Explanation, explainRoute } from '../mesh/table/explain-route.ts';
import type { RequestHead } from '../mesh/table/match-route.ts';

export async function explain(command: ExplainCommand, { cwd, stdout, stderr }: Surroundings): Promise<number> {
  const { manifests, namespace, labels, host, port } = command;
  const folder = {
    dir: resolve(cwd, manifests),
    role: 'sidecar' as const,
    caller: { namespace, labels },
    strict: false,
  };
  const { table, lines } = await readFolderTable(folder);
  for (const line of lines) stderr.write(`${line}\n`);
  const built = Object.values(table.virtualHosts).map(buildVirtualHost);
  const found = (port === undefined ? new HostIndex(built) : hostsOfPort(built, port)).find(host);
  if (found === undefined) {
    stdout.write(`503: nobody here is called ${host}\n`);
    return EXIT.failed;
  }
  stdout.write(textOf(explainRoute(found, headOf(command))));
  return EXIT.ok;
}

function headOf({ host, path, method, headers }: ExplainCommand): RequestHead {
  const named = (name: string) => headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
  const scheme = named('x-forwarded-proto')[0]?.toLowerCase() ?? 'http';
  return { method, path, authority: host, scheme, header: (name) => named(name)[0], headerValues: named };
}

function textOf({ virtualHost, rules, outcome }: Explanation): string {
  const tried = rules.flatMap(({ name, taken, conditions }, index) => [
    `  ${index + 1}. ${name}: ${taken ? 'takes it' : 'no'}`,
    ...conditions.map(({ text, holds }) => `       ${holds ? 'yes' : 'no '}  ${text}`),
  ]);
  return [virtualHost, ...tried, ...outcome.map((line) => `  ${line}`), ''].join('\n');
}
