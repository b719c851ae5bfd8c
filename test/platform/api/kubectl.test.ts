/**
 * The commands that people type, by every kubectl that is at hand: those of KUBECTL (paths, separated by colons), the one that
 * the control plane's tools build, and the one on the PATH.
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CRDS, deployment, type Harness, pod, startHarness, widget, widgetDefinition } from './api-harness.ts';

const built = join(import.meta.dirname, '../../kubernetes/bin/kubectl');
const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
const named = (process.env.KUBECTL ?? '').split(delimiter).filter((path) => path !== '');
const binaries = [...new Set([...named, built, onPath.find((path) => existsSync(path)) ?? ''])].filter((path) =>
  existsSync(path),
);

if (binaries.length === 0) {
  test.skip('kubectl is not at hand: set KUBECTL to its path, or build it with test/kubernetes/prepare.ts', () => {});
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

describe.each(binaries)('%s', (kubectl) => {
  let api: Harness;
  let folder: string;

  beforeAll(async () => {
    api = await startHarness({
      async *podLogs() {
        yield Buffer.from('a line\n');
      },
    });
    await api.post(CRDS, widgetDefinition);
    folder = mkdtempSync(join(tmpdir(), 'sluice-kubectl-'));
    const files = {
      deployment: deployment('web'),
      service,
      widget: widget('w'),
      pod: pod('solo', { nodeName: 'node-1' }),
    };
    for (const [name, object] of Object.entries(files)) writeFileSync(join(folder, `${name}.yaml`), stringify(object));
    const bad = { ...widget('w2'), spec: { size: 0, colour: 5 } };
    writeFileSync(join(folder, 'bad.yaml'), stringify(bad));
  });
  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (command: string): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      const environment = {
        PATH: process.env.PATH,
        HOME: folder,
        KUBECONFIG: api.server.kubeconfigPath,
        KUBE_EDITOR: `${process.execPath} ${join(folder, 'editor.cjs')}`,
      };
      const options = { cwd: folder, env: environment, timeout: 25_000 };
      execFile(kubectl, command.split(' '), options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
      });
    });

  // In order: each row may rely on the ones above it.
  const rows: readonly (readonly [string, number, RegExp])[] = [
    ['api-resources', 0, /widgets .*shop\.example\/v1 +true +Widget/],
    ['create namespace shop', 0, /namespace\/shop created/],
    ['create deployment made --image=none', 0, /deployment.apps\/made created/],
    ['create configmap settings --from-literal=a=b', 0, /configmap\/settings created/],
    ['apply -f deployment.yaml', 0, /deployment.apps\/web created/],
    ['apply -f deployment.yaml', 0, /deployment.apps\/web unchanged/],
    [
      'apply -f service.yaml -f widget.yaml -f pod.yaml',
      0,
      /service\/web created[\s\S]*widget.shop.example\/w created/,
    ],
    ['diff -f deployment.yaml', 0, /^$/],
    ['scale deployment web --replicas=3', 0, /deployment.apps\/web scaled/],
    ['diff -f deployment.yaml', 1, /- {2}replicas: 3\n\+ {2}replicas: 2/],
    ['apply -f deployment.yaml', 0, /deployment.apps\/web configured/],
    ['get deployments', 0, /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\n(.*\n)*web +0\/2/],
    ['get deployment web -o wide', 0, /CONTAINERS +IMAGES +SELECTOR\nweb .* main +none +app=web/],
    ['get deployment web -o yaml', 0, /\nkind: Deployment\n/],
    ['get deployment web -o jsonpath={.spec.replicas}', 0, /^2$/],
    ['get deployments -l app=none', 0, /No resources found/],
    ['get widget w -o jsonpath={.spec.colour}', 0, /^red$/],
    ['set image deployment/web main=other', 0, /image updated/],
    ['set env deployment/web MODE=fast', 0, /env updated/],
    ['rollout restart deployment/web', 0, /restarted/],
    ['get deployment web -o jsonpath={.spec.template.spec.containers[0].env[0].value}', 0, /^fast$/],
    ['label deployment web tier=front', 0, /labeled/],
    ['annotate deployment web note=hello', 0, /annotated/],
    ['patch deployment web --type=merge -p {"spec":{"replicas":4}}', 0, /patched/],
    ['patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":5}]', 0, /patched/],
    [
      'patch deployment web -p {"spec":{"template":{"spec":{"containers":[{"name":"main","workingDir":"/x"}]}}}}',
      0,
      /patched/,
    ],
    ['get deployment web -o jsonpath={.spec.template.spec.containers[*].image}', 0, /^other$/],
    ['patch widget w -p {"spec":{"size":2}}', 1, /415|UnsupportedMediaType|not supported/],
    ['edit deployment web', 0, /edited/],
    ['get deployment web -o jsonpath={.spec.minReadySeconds}', 0, /^7$/],
    ['apply --server-side -f service.yaml', 0, /serverside-applied/],
    ['apply -f bad.yaml --validate=false', 1, /spec.size/],
    ['describe deployment web', 0, /Replicas: +5 desired[\s\S]*Events: +<none>/],
    ['describe pod solo', 0, /Events:[\s\S]*Started +.*begun/],
    ['explain widget.spec.size', 0, /integer/],
    ['logs solo', 0, /^a line\n$/],
    ['auth can-i create deployments', 0, /yes/],
    ['wait --for=condition=Established crd/widgets.shop.example --timeout=20s', 0, /condition met/],
    ['rollout status deployment/web --timeout=20s', 0, /successfully rolled out/],
    ['get pods --watch --request-timeout=2s', 0, /solo/],
    ['get pod nobody', 1, /pods "nobody" not found/],
    ['delete pod solo --grace-period=0 --force', 0, /deleted/],
    ['delete deployment,service web', 0, /deleted[\s\S]*deleted/],
    ['delete namespace shop', 0, /namespace "shop" deleted/],
  ];

  /** What somebody else has to have done before a command. */
  const before: Readonly<Record<string, () => Promise<unknown>>> = {
    'edit deployment web': async () =>
      writeFileSync(
        join(folder, 'editor.cjs'),
        `const fs = require('node:fs'); const file = process.argv.at(-1);
         fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/\\n  replicas: 5\\n/, '\\n  minReadySeconds: 7\\n  replicas: 5\\n'));`,
      ),
    'describe pod solo': async () => {
      const { json } = await api.get('/api/v1/namespaces/default/pods/solo');
      await api.post('/api/v1/namespaces/default/events', {
        metadata: { name: 'solo.1' },
        involvedObject: { kind: 'Pod', namespace: 'default', name: 'solo', uid: json.metadata?.uid, apiVersion: 'v1' },
        reason: 'Started',
        message: 'it has begun',
        type: 'Normal',
        source: { component: 'test' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
      });
    },
    'rollout status deployment/web --timeout=20s': async () => {
      const path = '/apis/apps/v1/namespaces/default/deployments/web';
      const { json } = await api.get(path);
      const counts = { replicas: 5, updatedReplicas: 5, readyReplicas: 5, availableReplicas: 5 };
      await api.merge(`${path}/status`, { status: { observedGeneration: json.metadata?.generation, ...counts } });
    },
  };

  test('understands the server in everything that people type', async () => {
    for (const [command, code, pattern] of rows) {
      await before[command]?.();
      const result = await run(command);
      expect({ command, ...result }).toEqual({ command, code, output: expect.stringMatching(pattern) });
    }
  }, 240_000);
});
