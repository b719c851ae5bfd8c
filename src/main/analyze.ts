/** `sluice analyze`: gathers objects from files and an API server, runs the analyzers, and says where each finding stands. */

import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { type AnalyzeCommand, reportFindings } from '../cli/commands/analyze.ts';
import { withSession } from '../cli/session.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { asCreated } from '../discovery/as-created.ts';
import { compileObjects } from '../discovery/compile-objects.ts';
import type { ManifestDocument, ManifestProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import { type KubeObject, objectKey } from '../lib/resource.ts';
import { ANALYSIS_CODES } from '../mesh/analyze/analysis-message.ts';
import { analyze as runAnalyzers } from '../mesh/analyze/analyze.ts';
import { createWorld } from '../mesh/analyze/analyzed-world.ts';
import { DEFAULT_GATEWAY } from '../mesh/analyze/default-gateway.ts';
import { type Finding, originOf, suppressesItself } from '../mesh/analyze/finding.ts';
import { loadFindings } from '../mesh/analyze/load-findings.ts';
import { listMeshObjects } from './list-mesh-objects.ts';

/** @throws SL0120 when a path cannot be read, SL0004 and others when the API server cannot be asked */
export async function analyze(command: AnalyzeCommand, surroundings: Surroundings): Promise<number> {
  const { paths, server, strict, report } = command;
  const files = await readFiles(command, surroundings.cwd);
  const served = server === undefined ? undefined : await readServer(server, surroundings);
  const objects = [...files.objects.keys()];
  const over = new Set(objects.map(identityOf));
  const all = [...objects, ...(served?.objects ?? []).filter((object) => !over.has(identityOf(object)))];
  const meshConfig = await readMeshConfig(command, surroundings.cwd);
  const found = findingsAbout(all, { isOffline: served === undefined, meshConfig, strict, files });
  const namespace = command.namespace ?? (command.allNamespaces ? undefined : served?.namespace);
  const findings = [...files.findings, ...found].filter(
    (finding) => namespace === undefined || !finding.origin.includes('/') || isIn(finding, namespace),
  );
  const place = command.allNamespaces ? served?.place.replace(/namespace .*$/, 'all namespaces') : served?.place;
  const subject = [...paths, ...(place === undefined ? [] : [place])].join(', ');
  return reportFindings(findings, subject, surroundings, report);
}

type Files = { objects: ReadonlyMap<KubeObject, ManifestDocument>; findings: readonly Finding[] };

async function readFiles({ paths, namespace }: AnalyzeCommand, cwd: string): Promise<Files> {
  const objects = new Map<KubeObject, ManifestDocument>();
  const byName = new Map<string, KubeObject>();
  const findings: Finding[] = [];
  for (const path of paths) {
    const read = await readManifests(resolve(cwd, path));
    const named = (file: string) => (basename(path) === file ? path : join(path, file));
    for (const document of read.documents) {
      const object = asCreated(document.object, { age: String(objects.size).padStart(9, '0'), namespace });
      const placed = { ...document, file: named(document.file) };
      const before = byName.get(identityOf(object));
      const replaced = before && objects.get(before);
      if (before !== undefined && replaced !== undefined) {
        findings.push(twiceFinding(object, { placed, replaced }));
        objects.delete(before);
      }
      objects.set(object, placed);
      byName.set(identityOf(object), object);
    }
    findings.push(...read.problems.map((problem) => problemFinding({ ...problem, file: named(problem.file) })));
  }
  return { objects, findings };
}

async function readServer(server: NonNullable<AnalyzeCommand['server']>, surroundings: Surroundings) {
  return withSession(server, surroundings, async ({ client, place, namespace }) => ({
    objects: await listMeshObjects(client),
    place,
    namespace,
  }));
}

async function readMeshConfig({ meshConfig }: AnalyzeCommand, cwd: string): Promise<unknown> {
  if (meshConfig === undefined) return {};
  const path = resolve(cwd, meshConfig);
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    const shown = relative(cwd, path);
    throw new SluiceError('SL0120', `${shown} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

type World = { isOffline: boolean; meshConfig: unknown; strict: boolean; files: Files };

function findingsAbout(objects: readonly KubeObject[], { isOffline, meshConfig, strict, files }: World): Finding[] {
  const messages = runAnalyzers(createWorld([...objects, ...(isOffline ? DEFAULT_GATEWAY : [])], meshConfig));
  const { issues } = compileObjects(objects, { role: 'sidecar', caller: {}, strict });
  const byName = new Map(objects.map((object) => [identityOf(object), object]));
  const referenceTo = (object: KubeObject, path: string) => {
    const document = files.objects.get(object);
    return document === undefined ? '' : `${document.file}:${document.positionOf(path).line}`;
  };
  const ofAnalyzers = messages
    .filter(({ code, object }) => !suppressesItself(object, code))
    .map(({ code, object, path, text }) => ({
      code,
      level: ANALYSIS_CODES[code].level,
      origin: originOf(object),
      reference: referenceTo(object, path),
      message: text,
    }));
  const ofLoading = loadFindings(issues, messages).flatMap(({ code, level, issue }) => {
    const object = byName.get(`${issue.kind} ${issue.namespace}/${issue.name}`);
    if (object === undefined || suppressesItself(object, code)) return [];
    const message = `${issue.path} ${issue.message}`;
    return [{ code, level, origin: originOf(object), reference: referenceTo(object, issue.path), message }];
  });
  return [...ofAnalyzers, ...ofLoading];
}

function problemFinding({ file, line, path, message }: ManifestProblem): Finding {
  return {
    code: 'SL0001',
    level: 'Error',
    origin: '',
    reference: `${file}:${line}`,
    message: path === '' ? message : `${path} ${message}`,
  };
}

function twiceFinding(
  object: KubeObject,
  { placed, replaced }: { placed: ManifestDocument; replaced: ManifestDocument },
): Finding {
  const line = ({ positionOf }: ManifestDocument) => positionOf('metadata.name').line;
  return {
    code: 'SL0326',
    level: 'Warning',
    origin: originOf(object),
    reference: `${placed.file}:${line(placed)}`,
    message: `must be declared once: ${replaced.file}:${line(replaced)} declares it, too, and is not in force`,
  };
}

function identityOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${objectKey(metadata)}`;
}

function isIn({ origin }: Finding, namespace: string): boolean {
  return origin.includes(` ${namespace}/`);
}
