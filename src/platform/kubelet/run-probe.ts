/** One probe of a container: a request, a connection or a command, against where it really listens. */

import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { type Container, dialledPort, type ListenPorts, type ProbeSpec } from './pod.ts';

export type ProbeTarget = {
  container: Container;
  listen: ListenPorts;
  /** Of exec probes: environment and folder of the container's own process. */
  env: Record<string, string>;
  cwd: string;
  clock: Clock;
};

export type ProbeResult = { passed: true } | { passed: false; message: string };

type Finish = (failure?: string) => void;

/** Never throws: whatever goes wrong is a failed probe with a message. */
export function runProbe(spec: ProbeSpec, target: ProbeTarget): Promise<ProbeResult> {
  return new Promise((resolve) => {
    let stop = (): void => {};
    const timeoutMs = (spec.timeoutSeconds ?? 1) * 1_000;
    const finish: Finish = (failure) => {
      cancel();
      resolve(failure === undefined ? { passed: true } : { passed: false, message: failure });
    };
    const cancel = target.clock.after(timeoutMs, () => {
      finish(`no answer within ${timeoutMs / 1_000} s`);
      stop();
    });
    try {
      stop = start(spec, target, finish);
    } catch (thrown) {
      finish(String(thrown));
    }
  });
}

/** Starts the probe and returns what ends it early. */
function start({ httpGet, tcpSocket, exec }: ProbeSpec, target: ProbeTarget, finish: Finish): () => void {
  if (httpGet !== undefined) return requestOnce(httpGet, target, finish);
  if (tcpSocket !== undefined) return connectOnce(tcpSocket.port, target, finish);
  if (exec !== undefined) return executeOnce(exec.command ?? [], target, finish);
  finish('the probe has no handler');
  return () => {};
}

function requestOnce(
  get: NonNullable<ProbeSpec['httpGet']>,
  { container, listen }: ProbeTarget,
  finish: Finish,
): () => void {
  const port = dialledPort(get.port, container, listen);
  if (port === undefined) return unknownPort(get.port, finish);
  const options = {
    host: '127.0.0.1',
    port,
    path: get.path || '/',
    agent: false,
    // As the kubelet does: a probe says that something answers, not that its certificate is trusted.
    rejectUnauthorized: false,
    headers: Object.fromEntries([
      ['user-agent', 'kube-probe/sluice'],
      ...(get.httpHeaders ?? []).map(({ name, value }) => [name, value]),
    ]),
  };
  const request = (get.scheme === 'HTTPS' ? httpsRequest : httpRequest)(options, (response) => {
    const status = response.statusCode ?? 0;
    response.destroy();
    finish(200 <= status && status < 400 ? undefined : `answered with status ${status}`);
  });
  request.on('error', (error) => finish(error.message));
  request.end();
  return () => request.destroy();
}

function connectOnce(port: number | string, { container, listen }: ProbeTarget, finish: Finish): () => void {
  const dialled = dialledPort(port, container, listen);
  if (dialled === undefined) return unknownPort(port, finish);
  const socket = connect(dialled, '127.0.0.1');
  socket.on('connect', () => {
    socket.destroy();
    finish();
  });
  socket.on('error', (error) => finish(error.message));
  return () => socket.destroy();
}

function executeOnce([command = '', ...args]: string[], { env, cwd }: ProbeTarget, finish: Finish): () => void {
  const child = spawn(command, args, { env, cwd, stdio: 'ignore', detached: true });
  child.on('error', (error) => finish(error.message));
  child.on('exit', (code, signal) => finish(code === 0 ? undefined : `the command ended with ${code ?? signal}`));
  return () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
}

function unknownPort(port: number | string, finish: Finish): () => void {
  finish(`there is no port ${port}`);
  return () => {};
}
