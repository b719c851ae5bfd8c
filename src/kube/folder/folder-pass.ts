/** One reading of a folder and what it leads to: apply what is new, report what changed, delete what is gone. */

import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { KubeObject } from '../../lib/resource.ts';
import type { KubeClient } from '../kube-client.ts';
import { type ApplyResult, applyFolder } from './apply-folder.ts';
import { folderId, identityOf } from './folder-mark.ts';
import { formatProblem, type ManifestDocument, type ManifestProblem, nameOf } from './manifest.ts';
import { pruneFolder } from './prune-folder.ts';
import { readManifests } from './read-manifests.ts';

/** What happened to a document or an object of the folder; `text` is one line per fact, for people. */
export type FolderReport = {
  outcome: 'created' | 'configured' | 'unchanged' | 'pruned' | 'failed';
  text: string;
  problems: readonly ManifestProblem[];
};

export type FolderPassOptions = {
  client: KubeClient;
  dir: string;
  /** The folder's absolute path: its identity. */
  folderPath: string;
  onReport: (report: FolderReport) => void;
  clock: Clock;
  signal: AbortSignal;
};

// A file that is being replaced may be absent for a moment; only what stays away is deleted.
const ABSENT_MS_MIN = 2_000;

/** @returns a function that does one pass and says whether it should be repeated soon although nothing changes */
export function createFolderPass(options: FolderPassOptions): () => Promise<{ again: boolean }> {
  const { client, dir, folderPath, onReport, clock, signal } = options;
  const folder = folderId(folderPath);
  /** Manifests that the server has, by identity. */
  const applied = new Map<string, string>();
  /** The last report on a place, so that a repeated attempt does not repeat it. */
  const reported = new Map<string, string>();
  /** Everything that was in the folder since it was last compared; `undefined` before the first comparison with the server. */
  let seen: Set<string> | undefined;
  let absentSince: number | undefined;

  const report = (place: string, next: FolderReport): void => {
    if (reported.get(place) === next.text) return;
    reported.set(place, next.text);
    onReport(next);
  };

  const reportProblems = (file: string, problems: readonly ManifestProblem[]): void =>
    report(file, { outcome: 'failed', text: problems.map(formatProblem).join('\n'), problems });

  const onResult = ({ document, object, outcome, problems }: ApplyResult): void => {
    const key = keyOf(document, client);
    if (outcome === 'failed') {
      applied.delete(key);
      reportProblems(key, problems);
      return;
    }
    applied.set(key, JSON.stringify(document.object));
    // The same outcome for a new edit is news again.
    reported.delete(key);
    onReport({ outcome, text: `${nameOf(object)} ${outcome}`, problems: [] });
  };

  /** Deletes nothing as long as anything in the folder is unreadable: its objects may be there. */
  const prune = async (wanted: ReadonlySet<string>, readable: boolean): Promise<boolean> => {
    for (const identity of wanted) seen?.add(identity);
    const missing = seen === undefined || [...seen].some((identity) => !wanted.has(identity));
    if (!readable || !missing) {
      absentSince = undefined;
      return false;
    }
    absentSince ??= clock.monotonicMs();
    if (clock.monotonicMs() - absentSince < ABSENT_MS_MIN) return true;
    const gone = await pruneFolder(client, { folder, wanted: withoutNamespaces(wanted) });
    for (const object of gone) onReport({ outcome: 'pruned', text: `${nameOf(object)} pruned`, problems: [] });
    for (const key of applied.keys()) if (!wanted.has(key)) applied.delete(key);
    seen = new Set(wanted);
    absentSince = undefined;
    return false;
  };

  return async () => {
    const { documents, problems } = await readManifests(dir).catch((thrown: unknown) => {
      report(dir, { outcome: 'failed', text: messageOf(thrown), problems: [] });
      throw thrown;
    });
    reported.delete(dir);
    for (const [file, ofFile] of Map.groupBy(problems, (problem) => problem.file)) reportProblems(file, ofFile);
    const broken = new Set(problems.map(({ file }) => file));
    for (const { file } of documents) if (!broken.has(file)) reported.delete(file);

    const changed = documents.filter(
      (document) => applied.get(keyOf(document, client)) !== JSON.stringify(document.object),
    );
    const results = await applyFolder({ client, documents: changed, clock, folder, signal });
    for (const result of results) onResult(result);
    const wanted = new Set(documents.map((document) => keyOf(document, client)));
    const waits = signal.aborted ? false : await prune(wanted, problems.length === 0);
    return { again: waits || results.some(({ mayPass }) => mayPass) };
  };
}

/** The identity under which a document's object will be found; a namespace that is left out is the client's. */
function keyOf({ object }: ManifestDocument, client: KubeClient): string {
  const namespace = object.metadata.namespace ?? client.target.namespace;
  return identityOf({ ...object, metadata: { ...object.metadata, namespace } } satisfies KubeObject);
}

/** Cluster-scoped objects carry no namespace on the server, so both spellings of each identity are wanted. */
function withoutNamespaces(wanted: ReadonlySet<string>): Set<string> {
  return new Set([...wanted, ...[...wanted].map((identity) => identity.replace(/ [^ /]*\//, ' /'))]);
}
