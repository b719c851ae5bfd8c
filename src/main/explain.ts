/** `sluice explain`: takes the routes from files, an API server or a proxy, and says why a request goes where it goes. */

import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { ExplainCommand } from '../cli/commands/explain.ts';
import { EXIT } from '../cli/exit-code.ts';
import { renderExplanation } from '../cli/render-explanation.ts';
import { withSession } from '../cli/session.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { compileObjects } from '../discovery/compile-objects.ts';
import { readFolderTable } from '../discovery/read-folder-table.ts';
import { requestReading } from '../mesh/compile/request-reading.ts';
import { buildVirtualHost, HostIndex, hostsOfPort } from '../mesh/table/built-table.ts';
import { explainRoute } from '../mesh/table/explain-route.ts';
import type { RequestHead } from '../mesh/table/match-route.ts';
import type { ProxyDump } from '../mesh/table/proxy-dump.ts';
import { DEFAULT_READING } from '../mesh/table/request-reading.ts';
import type { RouteTable } from '../mesh/table/route-table.ts';
import { normalisePath } from '../proxy/h1/path-normalization.ts';
import { listMeshObjects } from './list-mesh-objects.ts';

/** @returns 1 when nobody is called like the host, or no rule takes the request */
export async function explain(command: ExplainCommand, surroundings: Surroundings): Promise<number> {
  const served = await findServed(command, surroundings);
  const { table } = served;
  const head = headOf(command, served);
  if (head === undefined) return print(command, refusedPath(command), surroundings);
  const built = Object.values(table.virtualHosts).map(buildVirtualHost);
  const index = command.port === undefined ? new HostIndex(built) : hostsOfPort(built, command.port);
  const host = index.find(command.host);
  if (host === undefined) return print(command, unknownHost(command, table), surroundings);
  const explanation = explainRoute(host, head, table);
  const text = renderExplanation(explanation, head, command.style);
  const isTaken = explanation.outcome.kind !== 'noRoute';
  return print(command, { value: explanation, text, code: isTaken ? EXIT.ok : EXIT.failed }, surroundings);
}

type Served = Pick<ProxyDump, 'table' | 'reading' | 'role'>;

async function findServed(command: ExplainCommand, surroundings: Surroundings): Promise<Served> {
  const { source, labels, namespace } = command;
  switch (source.kind) {
    case 'files': {
      const dir = resolve(surroundings.cwd, source.path);
      const caller = { namespace: namespace ?? 'default', labels };
      const { table, lines, mesh } = await readFolderTable({
        ...{ dir, caller, role: source.role, strict: false },
        ...(source.mesh !== undefined && { meshPath: resolve(surroundings.cwd, source.mesh) }),
      });
      for (const line of lines) surroundings.stderr.write(`${line}\n`);
      return { table: { version: 0, ...table }, reading: requestReading(mesh), role: source.role };
    }
    case 'server': {
      const caller = namespace === undefined ? {} : { namespace, labels };
      const objects = await withSession(source.flags, surroundings, ({ client }) => listMeshObjects(client));
      const { table } = compileObjects(objects, { role: 'sidecar', caller, strict: false });
      return { table: { version: 0, ...table }, reading: DEFAULT_READING, role: 'sidecar' };
    }
    case 'proxy':
      return surroundings.askAdmin<ProxyDump>(source.adminUrl, '/config_dump');
    default:
      return source satisfies never;
  }
}

/** `undefined` when the proxy would refuse the path. */
function headOf(
  { host, path, method, headers: sent }: ExplainCommand,
  { reading, role }: Served,
): RequestHead | undefined {
  const normal = normalisePath(path.startsWith('/') ? path : `/${path}`, reading.paths);
  if (normal === undefined) return undefined;
  // What strangers say about how they came is not heard (docs/standalone.md).
  const isHeard = role === 'sidecar' || reading.trustedProxies > 0;
  const headers = isHeard ? sent : sent.filter(([name]) => name.toLowerCase() !== 'x-forwarded-proto');
  const named = (name: string) => headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
  const scheme = named('x-forwarded-proto')[0]?.toLowerCase() ?? 'http';
  return { method, path: normal, authority: host, scheme, header: (name) => named(name)[0], headerValues: named };
}

type Answer = { value: unknown; text: string; code: number };

function print({ output }: ExplainCommand, { value, text, code }: Answer, { stdout }: Surroundings): number {
  switch (output) {
    case 'json':
      stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      break;
    case 'yaml':
      stdout.write(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
      break;
    case 'text':
      stdout.write(text);
      break;
    default:
      output satisfies never;
  }
  return code;
}

function refusedPath({ path }: ExplainCommand): Answer {
  const value = { outcome: { kind: 'refused', status: 400 } };
  return { value, text: `400: the proxy refuses the path ${path}\n`, code: EXIT.failed };
}

/** How many names of others are worth reading. */
const KNOWN_MOST = 10;

function unknownHost({ host, port }: ExplainCommand, { virtualHosts }: RouteTable): Answer {
  const known = Object.values(virtualHosts)
    .filter((one) => port === undefined || one.port === port)
    .map(({ name }) => name)
    .sort();
  const shown = known.slice(0, KNOWN_MOST).map((name) => `  ${name}\n`);
  const more = known.length > KNOWN_MOST ? `  and ${known.length - KNOWN_MOST} more\n` : '';
  const where = port === undefined ? '' : ` on port ${port}`;
  const names = known.length === 0 ? 'No host has a name here.\n' : `Known hosts${where}:\n${shown.join('')}${more}`;
  return {
    value: { outcome: { kind: 'unknownHost', status: 503, known } },
    text: `503 (at a gateway 404): nobody here is called ${host}${where}\n${names}`,
    code: EXIT.failed,
  };
}
