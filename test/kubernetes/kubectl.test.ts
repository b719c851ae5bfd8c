/**
 * The commands that people type, by the oldest kubectl that is still shipped (Debian's 1.20, KUBECTL_1_20 is its path) and by the one that
 * comes with the control plane's tools. Each runs against the embedded server alone.
 */

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import {
  CRDS,
  deployment,
  type Harness,
  pod,
  startHarness,
  widget,
  widgetDefinition,
} from '../platform/api/api-harness.ts';
import { controlPlaneAssets } from './control-plane.ts';

const NAMED: Readonly<Record<string, string>> = {
  '1.20': process.env.KUBECTL_1_20 ?? '',
  'of the tools': join(controlPlaneAssets() ?? '', 'kubectl'),
};
const binaries = Object.entries(NAMED).filter(([, path]) => path !== '' && existsSync(path));
process.stdout.write(`kubectl: ${binaries.map(([name, path]) => `${name} (${path})`).join(', ') || 'none'}\n`);

test.runIf(process.env.CI)('both are there where it counts', () => expect(binaries).toHaveLength(2));

if (binaries.length === 0) {
  test.skip('kubectl is not at hand: set KUBECTL_1_20 to its path, or build one with test/kubernetes/prepare.ts', () => {});
}

const canary = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'shop' },
  spec: {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    service: { port: 80 },
    analysis: { interval: '1s', threshold: 1, stepWeights: [50] },
  },
};

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

describe.each(binaries)('kubectl %s', (_version, kubectl) => {
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
      canary,
    };
    copyFileSync(
      join(import.meta.dirname, '../../deploy/crds/flagger.app_canary.yaml'),
      join(folder, 'canary-crd.yaml'),
    );
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
    ['apply -f canary-crd.yaml', 0, /canaries.flagger.app created/],
    ['apply -f canary.yaml', 0, /canary.flagger.app\/shop created/],
    ['wait --for=condition=promoted canary/shop --timeout=1s', 1, /timed out/],
    ['wait canary/shop --for=condition=promoted --timeout=20s', 0, /canary.flagger.app\/shop condition met/],
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
    'wait canary/shop --for=condition=promoted --timeout=20s': async () => {
      const promoted = { type: 'Promoted', status: 'True', reason: 'Succeeded', message: 'done' };
      const status = { phase: 'Succeeded', conditions: [promoted] };
      const answer = await api.merge('/apis/flagger.app/v1beta1/namespaces/default/canaries/shop/status', { status });
      expect(answer.status).toBe(200);
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
