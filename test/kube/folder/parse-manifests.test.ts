import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/kube/folder/manifest.ts';
import { parseManifests } from '../../../src/kube/folder/parse-manifests.ts';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe('parseManifests()', () => {
  test('finds every document of a file, and every object of a list', () => {
    const list =
      '{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"c"}}]}';
    const { documents, problems } = parseManifests(
      'all.yaml',
      `${configMap('a')}---\n# nothing\n---\n${configMap('b')}---\n${list}`,
    );
    expect(documents.map(({ object }) => object.metadata.name)).toEqual(['a', 'b', 'c']);
    expect(problems).toEqual([]);
  });

  test('keeps the good documents beside a broken one, and says where it breaks', () => {
    const { documents, problems } = parseManifests(
      'some.yaml',
      `${configMap('a')}---\nkind: [1\n---\n${configMap('b')}`,
    );
    expect(documents.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
    expect(problems).toMatchObject([{ file: 'some.yaml', line: 7 }]);
  });

  const flawed: Record<string, { text: string; says: string[] }> = {
    'a text instead of an object': {
      text: 'hello\n',
      says: ['x.yaml:1:1: must be an object with apiVersion, kind and metadata: got "hello"'],
    },
    'a manifest without a name': {
      text: 'apiVersion: v1\nkind: Secret\nmetadata:\n  labels: {}\n',
      says: ['x.yaml:3:1: metadata.name: must be a non-empty text: got nothing'],
    },
    'a number for a namespace': {
      text: `${configMap('a')}  namespace: 7\n`,
      says: ['x.yaml:5:14: metadata.namespace: must be a non-empty text: got 7'],
    },
    'the same key twice': { text: `${configMap('a')}kind: Secret\n`, says: ['x.yaml:5:1: Map keys must be unique'] },
  };
  test.each(Object.entries(flawed))('refuses %s', (_name, { text, says }) => {
    expect(parseManifests('x.yaml', text).problems.map(formatProblem)).toEqual(says);
  });

  test('refuses a document that would unfold without end', () => {
    const rows = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
    ];
    expect(parseManifests('x.yaml', rows.join('\n')).problems).toHaveLength(1);
  });
});

describe('positionOf()', () => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: -1
  template:
    spec:
      containers:
        - name: web
          image: one
        - name: side
          image: two
`;
  const [document] = parseManifests('web.yaml', text).documents;
  const places: Record<string, string> = {
    'spec.replicas': '8:13',
    '.spec.replicas': '8:13',
    'spec.template.spec.containers[1].image': '15:18',
    'spec.template.spec.containers[name="side"].image': '15:18',
    'spec.template.spec.containers[0].ports[0]': '12:11',
    'metadata.labels[app.kubernetes.io/name]': '6:29',
    'metadata.labels.app.kubernetes.io/name': '6:29',
    'spec.unheard.of': '7:1',
    '': '1:1',
    '][': '1:1',
  };
  test.each(Object.entries(places))('of "%s" is %s', (path, place) => {
    const { line, column } = document!.positionOf(path);
    expect(`${line}:${column}`).toBe(place);
  });
});
