/** What is kept from one reading of a folder to the next: what did not change are the same objects, and costs next to nothing. */

import type { ManifestDocument } from '../kube/folder/manifest.ts';
import { ManifestCache } from '../kube/folder/manifest-cache.ts';
import { Memo } from '../lib/memo.ts';
import type { KubeObject } from '../lib/resource.ts';
import { asCreated } from './as-created.ts';
import { ObjectMemos } from './compile-objects.ts';

export class FolderMemos {
  readonly manifests: ManifestCache;
  readonly objects = new ObjectMemos();
  readonly #created = new Memo<KubeObject, Origin, KubeObject>();

  /** @param nowMs since 1970 UTC */
  constructor(nowMs: () => number) {
    this.manifests = new ManifestCache(nowMs);
  }

  /** The objects of the documents, as if an API server had created them. @param namespace of those that name none */
  createdFrom(documents: readonly ManifestDocument[], namespace: string | undefined): KubeObject[] {
    const ages = agesOf(documents);
    return documents.map(({ object }, index) =>
      this.#created.of(object, { age: () => ages[index] ?? '', namespace: () => namespace }, (_, asked) =>
        asCreated(object, { age: asked.age(''), namespace: asked.namespace('') }),
      ),
    );
  }
}

/** What an object of a file does not say itself. */
type Origin = { age: (about: string) => string; namespace: (about: string) => string | undefined };

/** By the name of the file and the place in it, so that nobody's age depends on what other files hold. */
function agesOf(documents: readonly ManifestDocument[]): string[] {
  const counts = new Map<string, number>();
  return documents.map(({ file }) => {
    const place = counts.get(file) ?? 0;
    counts.set(file, place + 1);
    // No name of a file holds a NUL, so that `a` stands before `a.yaml` whatever follows.
    return `${file}\0${String(place).padStart(9, '0')}`;
  });
}
