/** Commands that look at a running proxy: `proxy-config` and `proxy-status`. */

import { type Command, Option } from 'commander';
import { chooseAdmin } from './admin-choice.ts';
import {
  CONFIG_FORMATS,
  type ConfigQuery,
  showClusters,
  showEndpoints,
  showListeners,
  showRoutes,
} from './commands/proxy-config.ts';
import { proxyStatus } from './commands/proxy-status.ts';
import { adminPort, port } from './option-parsers.ts';
import type { Finish } from './program.ts';
import type { Surroundings } from './surroundings.ts';

type AdminFlags = { admin?: number; output: ConfigQuery['output'] };
type ConfigFlags = Omit<ConfigQuery, 'adminUrl' | 'output'> & AdminFlags;

const EXAMPLES = `
Examples:
  sluice proxy-config routes --name 80              the routes on port 80 of the services
  sluice pc clusters --fqdn reviews.default.svc.cluster.local
  sluice pc endpoints --status unhealthy            what outlier detection keeps requests away from
  sluice pc listeners --admin 127.0.0.1:15000 -o json`;

export function addProxyCommands(program: Command, surroundings: Surroundings, finish: Finish): void {
  const config = program
    .command('proxy-config')
    .alias('pc')
    .description('Show what a running proxy serves')
    .addHelpText('after', EXAMPLES);
  const shows = (name: string, alias: string, description: string, show: typeof showRoutes): Command =>
    withAdminFlags(config.command(name).alias(alias).description(description)).action(
      ({ admin, ...query }: ConfigFlags) =>
        show({ ...query, adminUrl: chooseAdmin(admin, surroundings) }, surroundings).then(finish),
    );

  shows('routes', 'r', 'Virtual hosts with their routes, in the order in which they are tried', showRoutes).option(
    '--name <name>',
    'only this port of the services, or this virtual host',
  );
  shows('clusters', 'c', 'Upstreams: each port of a service, and each subset of it', showClusters)
    .option('--fqdn <host>', 'only of this service')
    .option('--port <port>', 'only of this port', port)
    .option('--subset <name>', 'only of this subset')
    .addOption(new Option('--direction <direction>', 'only this way').choices(['outbound', 'inbound']));
  shows('endpoints', 'ep', 'Processes behind the clusters, with load and health', showEndpoints)
    .option('--cluster <name>', 'only of this cluster')
    .option('--address <address>', 'only at this address')
    .option('--port <port>', 'only at this port', port)
    .addOption(new Option('--status <status>', 'only in this state').choices(['healthy', 'unhealthy']));
  shows('listeners', 'l', 'Where connections are taken', showListeners)
    .option('--address <address>', 'only at this address')
    .option('--port <port>', 'only at this port', port);

  withAdminFlags(program.command('proxy-status').alias('ps'))
    .description('Say whether every worker of a running proxy serves the table that was accepted last')
    .option('-v, --verbose', 'one column for each type of resource')
    .action(({ admin, output, verbose = false }: AdminFlags & { verbose?: boolean }) =>
      proxyStatus({ adminUrl: chooseAdmin(admin, surroundings), output, isVerbose: verbose }, surroundings).then(
        finish,
      ),
    );
}

function withAdminFlags(command: Command): Command {
  return command
    .option('--admin <127.0.0.1:port>', 'admin port of the proxy; default: of `sluice up` here, else 15000', adminPort)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(CONFIG_FORMATS).default('short'));
}
