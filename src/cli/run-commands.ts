/** Commands that run something for as long as they are let: `up`, `demo`, `controller`, `proxy`. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProxyCommand, ProxyPort } from './commands/proxy.ts';
import type { UpCommand } from './commands/up.ts';
import { adminPort, assignment, assignments, dnsServer, port, positive } from './option-parsers.ts';
import type { Finish } from './program.ts';
import { type TracingFlags, withAccessLog, withTracing, withTracingChoice } from './proxy-options.ts';
import type { ServerFlags } from './server-choice.ts';
import { openSession } from './session.ts';
import type { Surroundings } from './surroundings.ts';

type UpFlags = TracingFlags & {
  filename?: string;
  data: string;
  httpPort: number;
  adminPort: number;
  workers: number;
  apiServer?: string;
  prometheus?: string;
  accessLog: string;
  accessLogFormat: string;
  accessLogSize: number;
  podEnv: Record<string, string>;
  logLevel: string;
};

type DemoFlags = TracingFlags & {
  exit?: boolean;
  manual?: boolean;
  report?: string;
  prometheus?: string;
  httpPort: number;
  adminPort: number;
};

export function addRunCommands(program: Command, surroundings: Surroundings, finish: Finish): void {
  const up = program
    .command('up')
    .description('Run the platform on this machine: API server, workloads as processes, proxy, metrics, controller')
    .option('-f, --filename <folder>', 'apply these manifests, and every change of them')
    .option('--data <folder>', 'where the state is kept', '.sluice')
    .option('--http-port <port>', 'where services are reached, by Host', port, 8080)
    .option('--admin-port <port>', 'metrics, health and routes of the proxy', port, 15_000)
    .option('--workers <n>', 'proxy workers', positive, 1)
    .option('--api-server <kubeconfig>', 'use this API server and its controllers; this machine becomes a node of it')
    .option('--prometheus <url>', 'query this server instead of the embedded store')
    .addOption(
      new Option('--pod-env <NAME=VALUE>', 'environment of every pod; may be repeated')
        .argParser(assignment)
        .default({}, 'none'),
    )
    .addOption(
      new Option('--log-level <level>', 'what goes to DATA/log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action((flags: UpFlags) => surroundings.up(upCommand(flags)).then(finish));
  withTracing(withAccessLog(up, { places: 'or off', otherwise: { to: 'off', format: 'json' } }));

  const demo = program
    .command('demo')
    .description('Watch a good version being promoted and a bad one being taken back, under real traffic')
    .option('--exit', 'leave when the story is told: 0 if all was as it should be, else 1')
    .option('--manual', 'leave the approval to you')
    .option('--report <file>', 'write the summary there as JSON, too')
    .option('--prometheus <url>', 'query this server instead of the embedded store')
    .option('--http-port <port>', 'where the service is reached; 0 takes a free one', port, 0)
    .option('--admin-port <port>', 'metrics, health and routes of the proxy; 0 takes a free one', port, 0)
    .action(({ exit = false, manual = false, ...rest }: DemoFlags) =>
      surroundings.demo({ exit, manual, ...withTracingChoice(rest) }).then(finish),
    );
  withTracing(demo);

  addProxyCommand(program, surroundings, finish);

  program
    .command('controller')
    .description('Run the controller alone, against the chosen API server')
    .option('-n, --namespace <name>', 'only canaries of this namespace')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig of the API server')
    .option('--prometheus <url>', 'metrics server of canaries that name none')
    .option('--port <port>', 'of /healthz and /readyz', port, 8080)
    .action(async (flags: ServerFlags & { prometheus?: string; port: number }) => {
      const { client } = await openSession(flags, surroundings);
      const scope = flags.namespace === undefined ? {} : { namespace: flags.namespace };
      finish(
        await surroundings.controller({
          client,
          port: flags.port,
          ...scope,
          ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
        }),
      );
    });
}

type ProxyFlags = Omit<ProxyCommand, 'manifests' | 'ports' | 'adminPort' | 'tracing'> &
  TracingFlags & { filename: string; port: readonly ProxyPort[]; admin: number };

function addProxyCommand(program: Command, surroundings: Surroundings, finish: Finish): void {
  const proxy = program
    .command('proxy')
    .description("Serve a folder of Istio's resources through the proxy alone: no API server, no cluster, no state")
    .requiredOption('-f, --filename <folder>', 'serve these manifests, and every change of them')
    .option(
      '--port <port[=service port]>',
      "where to listen, for every service or one of the services' ports (as a gateway: of its servers'); may be repeated",
      proxyPort,
      [],
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--admin <127.0.0.1:port>',
      'metrics, health and routes; always on the loopback interface',
      adminPort,
      15_000,
    )
    .option('--workers <n>', 'proxy workers', positive, 1)
    .option(
      '--labels <NAME=VALUE>',
      'labels of the caller beside whom the proxy stands, or of the gateway; may be repeated',
      assignments,
      {},
    )
    .option('--namespace <name>', 'namespace of that caller or gateway', 'default')
    .addOption(
      new Option('--role <role>', 'stand beside a caller, or serve the Gateways that select --labels, on their ports')
        .choices(['sidecar', 'gateway'])
        .default('sidecar'),
    )
    .option('--locality <region/zone/subzone>', 'where the caller runs: prefers endpoints that are near', locality)
    .option(
      '--mesh <file>',
      "Istio's MeshConfig: outboundTrafficPolicy, defaultHttpRetryPolicy, pathNormalization, rootNamespace, default…ExportTo, accessLog…",
    )
    .option('--dns-server <address[:port]>', 'ask this server for names, instead of as this machine does', dnsServer)
    .option('--strict', "refuse what Istio's API server refuses: unknown fields, old forms", false)
    .action(({ filename, port: ports, admin, ...rest }: ProxyFlags) =>
      surroundings.proxy({ ...withTracingChoice(rest), manifests: filename, ports, adminPort: admin }).then(finish),
    );
  withTracing(withAccessLog(proxy, { places: 'stdout, or off' }));
}

function proxyPort(text: string, previous: readonly ProxyPort[]): readonly ProxyPort[] {
  const [own = '', ofServices] = text.split('=');
  const added = ofServices === undefined ? { port: port(own) } : { port: port(own), servicePort: port(ofServices) };
  return [...previous, added];
}

function locality(text: string): string {
  if (!/^[^/]+(\/[^/]+){0,2}$/.test(text)) throw new InvalidArgumentError(`Must be region/zone/subzone: got ${text}`);
  return text;
}

function upCommand({ filename, data, ...rest }: UpFlags): UpCommand {
  return { ...withTracingChoice(rest), dataDir: data, ...(filename === undefined ? {} : { manifests: filename }) };
}
