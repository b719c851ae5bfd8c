/** Commands that look at routing: `analyze`, `explain`. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { LEVELS, type Level } from '../mesh/analyze/analysis-message.ts';
import { ANALYZERS } from '../mesh/analyze/analyze.ts';
import { parseSuppression, type Suppression } from '../mesh/analyze/finding.ts';
import type { Style } from '../view/style.ts';
import { chooseAdmin } from './admin-choice.ts';
import { renderColumns } from './columns.ts';
import { ANALYZE_FORMATS, type AnalyzeCommand, type ReportOptions } from './commands/analyze.ts';
import type { ExplainCommand } from './commands/explain.ts';
import { EXIT } from './exit-code.ts';
import { adminPort, assignments, each, field, port } from './option-parsers.ts';
import type { Finish } from './program.ts';
import type { Surroundings } from './surroundings.ts';

export type MeshSurroundings = { surroundings: Surroundings; finish: Finish; styled: () => Style };

export function addMeshCommands(program: Command, mesh: MeshSurroundings): void {
  addAnalyzeCommand(program, mesh);
  addExplainCommand(program, mesh);
}

type AnalyzeFlags = {
  filename: readonly string[];
  namespace?: string;
  allNamespaces?: boolean;
  context?: string;
  kubeconfig?: string;
  useKube?: boolean;
  output: ReportOptions['output'];
  failureThreshold: Level;
  outputThreshold: Level;
  suppress: readonly Suppression[];
  mesh?: string;
  strict?: boolean;
  listAnalyzers?: boolean;
};

function addAnalyzeCommand(program: Command, { surroundings, finish, styled }: MeshSurroundings): void {
  program
    .command('analyze')
    .description("Find mistakes in Istio's resources: in files, in an API server, or in files over an API server")
    .argument('[paths...]', 'files and folders, as with -f')
    .option('-f, --filename <path>', 'file or folder; may be repeated', each, [])
    .option('-n, --namespace <name>', 'only about this namespace; of objects in files that name none')
    .option('-A, --all-namespaces', 'about all namespaces of the API server')
    .option('-k, --use-kube', 'analyse the files over what the API server has; implied without files')
    .option('--context <name>', 'context of the kubeconfig; implies --use-kube')
    .option('--kubeconfig <file>', 'kubeconfig of the API server; implies --use-kube')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(ANALYZE_FORMATS).default('text'))
    .addOption(
      new Option('--failure-threshold <level>', 'fail with 79 at this level or worse').choices(LEVELS).default('Error'),
    )
    .addOption(new Option('--output-threshold <level>', 'print this level and worse').choices(LEVELS).default('Info'))
    .addOption(
      new Option('-S, --suppress <CODE=KIND NAMESPACE/NAME>', 'leave out; * stands for anything; may be repeated')
        .argParser(suppression)
        .default([], 'nothing'),
    )
    .option('--mesh <file>', "Istio's MeshConfig")
    .option('--strict', 'unknown fields are errors')
    .option('-L, --list-analyzers', 'print what is looked for, and end')
    .addHelpText(
      'after',
      `
Examples:
  sluice analyze istio/                              files alone, no server needed
  sluice analyze -A                                  everything that the API server has
  sluice analyze -k canary.yaml -n shop              what a file would do to namespace shop
  sluice analyze istio/ -S "IST0118=Service *" --failure-threshold Warning -o json`,
    )
    .action((paths: readonly string[], flags: AnalyzeFlags) => {
      if (flags.listAnalyzers === true) {
        surroundings.stdout.write(`${analyzerList()}\n`);
        return finish(EXIT.ok);
      }
      return surroundings.analyze(analyzeCommand(paths, flags, styled())).then(finish);
    });
}

function analyzeCommand(paths: readonly string[], flags: AnalyzeFlags, style: Style): AnalyzeCommand {
  const { namespace, context, kubeconfig, mesh } = flags;
  const all = [...flags.filename, ...paths];
  const asksServer = all.length === 0 || flags.useKube === true || context !== undefined || kubeconfig !== undefined;
  const server = {
    ...(context !== undefined && { context }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(namespace !== undefined && { namespace }),
  };
  return {
    paths: all,
    ...(asksServer && { server }),
    ...(namespace !== undefined && { namespace }),
    allNamespaces: flags.allNamespaces === true,
    ...(mesh !== undefined && { meshConfig: mesh }),
    strict: flags.strict === true,
    report: {
      output: flags.output,
      failureThreshold: flags.failureThreshold,
      outputThreshold: flags.outputThreshold,
      suppressions: flags.suppress,
      style,
    },
  };
}

function analyzerList(): string {
  return renderColumns(
    [
      { header: 'ANALYZER', cell: ({ name }) => name },
      { header: 'LOOKS FOR', cell: ({ description }) => description },
    ],
    ANALYZERS,
  );
}

function suppression(text: string, previous: readonly Suppression[]): readonly Suppression[] {
  const parsed = parseSuppression(text);
  if (parsed === undefined)
    throw new InvalidArgumentError(`Must be CODE=RESOURCE, such as IST0118=Service shop/web: got ${text}`);
  return [...previous, parsed];
}

type ExplainFlags = Pick<ExplainCommand, 'host' | 'path' | 'method' | 'port' | 'labels' | 'output'> & {
  filename?: string;
  mesh?: string;
  role: 'sidecar' | 'gateway';
  /** `true`: the proxy at hand. */
  admin?: number | true;
  context?: string;
  kubeconfig?: string;
  namespace?: string;
  header: ExplainCommand['headers'];
};

function addExplainCommand(program: Command, { surroundings, finish, styled }: MeshSurroundings): void {
  program
    .command('explain')
    .description('Say which rule takes a request and why, and where it goes, by the code that routes')
    .requiredOption('--host <host>', 'Host of the request')
    .option('--path <path>', 'path with query', '/')
    .option('--method <method>', 'method of the request', 'GET')
    .option('-H, --header <NAME: VALUE>', 'field of the request; may be repeated', field, [])
    .option('--port <service port>', 'port of the services on which the request comes', port)
    .option('-f, --filename <path>', 'take the routes from these manifests, as `sluice proxy` serves them')
    .option(
      '--admin [127.0.0.1:port]',
      'take them from a proxy that runs; default port: that of `sluice up` here',
      adminPort,
    )
    .option('--context <name>', 'context of the kubeconfig; without -f and --admin an API server is asked')
    .option('--kubeconfig <file>', 'kubeconfig of the API server to ask')
    .option('-n, --namespace <name>', 'namespace of the caller; default with -f: default')
    .option('--labels <NAME=VALUE>', 'labels of the caller; may be repeated', assignments, {})
    .option('--mesh <file>', "Istio's MeshConfig, with -f")
    .addOption(
      new Option('--role <role>', 'what the proxy is, with -f').choices(['sidecar', 'gateway']).default('sidecar'),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(ANALYZE_FORMATS).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  sluice explain --host reviews --path /api -H "end-user: jason"     as the API server has it
  sluice explain -f istio/ --host reviews:9080                      as a folder has it
  sluice explain --admin 127.0.0.1:15000 --host web.localhost       as a running proxy serves it
  sluice explain -f istio/ --role gateway --labels istio=ingressgateway --host shop.example.com --port 80`,
    )
    .action((flags: ExplainFlags) => surroundings.explain(explainCommand(flags, surroundings, styled())).then(finish));
}

function explainCommand(flags: ExplainFlags, { cwd }: Surroundings, style: Style): ExplainCommand {
  const { host, path, method, header, labels, output, namespace } = flags;
  return {
    source: sourceOf(flags, cwd),
    ...{ host, path, method, labels, output, style, headers: header },
    ...(flags.port !== undefined && { port: flags.port }),
    ...(namespace !== undefined && { namespace }),
  };
}

function sourceOf(
  { filename, mesh, role, admin, context, kubeconfig }: ExplainFlags,
  cwd: string,
): ExplainCommand['source'] {
  if (filename !== undefined) return { kind: 'files', path: filename, role, ...(mesh !== undefined && { mesh }) };
  if (admin !== undefined) return { kind: 'proxy', adminUrl: chooseAdmin(admin === true ? undefined : admin, { cwd }) };
  const flags = { ...(context !== undefined && { context }), ...(kubeconfig !== undefined && { kubeconfig }) };
  return { kind: 'server', flags };
}
