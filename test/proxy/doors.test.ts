import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openListeners } from '../../src/proxy/listeners.ts';
import { Doors } from '../../src/proxy/parent/doors.ts';

describe('the doors of a proxy', () => {
  const doors = new Doors();
  afterEach(() => doors.close());

  test('get one free port for each listener, with several sockets each', async () => {
    const opened = await doors.open('127.0.0.1', [{ port: 0 }, { port: 0, servicePort: 80 }]);
    expect(opened.map(({ servicePort }) => servicePort)).toEqual([undefined, 80]);
    expect(new Set(opened.map(({ port }) => port)).size).toBe(2);
    expect(doors.sockets.filter(({ listener }) => listener === 0).length).toBe(doors.sockets.length / 2);
  });

  test('do not open on a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(doors.open('127.0.0.1', [{ port }])).rejects.toThrow('EADDRINUSE');
    other.close();
  });

  test('take a name for their host', async () => {
    const [opened] = await doors.open('localhost', [{ port: 0 }]);
    expect(opened?.port).toBeGreaterThan(0);
  });

  test('are listened at by whoever was handed their sockets', async () => {
    const [opened] = await doors.open('127.0.0.1', [{ port: 0 }]);
    const at = { host: '127.0.0.1', port: opened?.port ?? 0, sockets: doors.sockets.map(({ socket }) => socket) };
    const { listeners, client, accepted } = await acceptOne(at);
    expect(accepted).toBe(client.localPort);
    client.destroy();
    listeners.close();
  });
});

async function acceptOne(at: Parameters<typeof openListeners>[0]) {
  const accepting = Promise.withResolvers<number | undefined>();
  const listeners = await openListeners(at, (socket) => accepting.resolve(socket.remotePort));
  const client = connect(at.port, at.host);
  client.on('error', () => {});
  return { listeners, client, accepted: await accepting.promise };
}
