/**
 * Decides at start which transport is used. The private parts of Node that the fast one needs are looked for and tried out on
 * a loopback connection, including a write that the kernel cannot take at once; anything unexpected means the documented one.
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { createDocumentedTransport } from './documented-transport.ts';
import { createFastTransport, handleOf, type WriteRequest, type WriteRequestConstructor } from './fast-transport.ts';
import type { Link, Transport } from './link.ts';

const SELF_TEST_MS = 2_000;
/** More than a loopback connection buffers, so that a part of it has to be written later. */
const TEST_BYTES = 12 * 1_024 * 1_024;

/** @returns the fast transport if it passes its self-test on this Node, else the documented one */
export async function chooseTransport(clock: Clock): Promise<Transport> {
  try {
    const WriteRequestClass = await captureWriteRequest();
    const fast = createFastTransport(WriteRequestClass);
    return (await passesSelfTest(fast, clock)) ? fast : createDocumentedTransport();
  } catch {
    return createDocumentedTransport();
  }
}

/** The class of Node's write requests, seen when Node itself writes. */
async function captureWriteRequest(): Promise<WriteRequestConstructor> {
  const { server, near, far } = await connectedPair();
  try {
    const handle = handleOf(near);
    if (typeof handle?.writeBuffer !== 'function') throw new Error('no such handle');
    const original = handle.writeBuffer.bind(handle);
    let seen: WriteRequest | null | undefined;
    handle.writeBuffer = (request, bytes) => {
      seen = request;
      return original(request, bytes);
    };
    near.write(Buffer.from('x'));
    if (seen === undefined || seen === null || seen.constructor === Object) throw new Error('another write protocol');
    const WriteRequestClass = seen.constructor as WriteRequestConstructor;
    if (new WriteRequestClass().getAsyncId() >= 0) throw new Error('another owner of requests');
    return WriteRequestClass;
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

async function passesSelfTest(transport: Transport, clock: Clock): Promise<boolean> {
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  let link: Link | undefined;
  let far: Socket | undefined;
  const passed = new Promise<boolean>((resolve) => {
    const cancel = clock.after(SELF_TEST_MS, () => resolve(false));
    const finish = (ok: boolean) => {
      cancel();
      resolve(ok);
    };
    let drained = false;
    let received = 0;
    let asynchronous = false;
    server.on('connection', (socket: Socket) => {
      link = transport.accept(socket, {
        onBytes(_bytes, length) {
          if (length !== 4) return finish(false);
          const small = link?.send(Buffer.alloc(1, 7)) === true && link.send(Buffer.alloc(1, 7));
          asynchronous = small && link?.send(Buffer.alloc(TEST_BYTES - 2, 7)) === false;
          far?.resume();
        },
        onEnd: () => finish(asynchronous && drained && received === TEST_BYTES),
        onClose() {},
        onDrain() {
          drained = true;
        },
      });
    });
    far = connect(port, '127.0.0.1', () => far?.write('ping'));
    far.on('error', () => finish(false));
    far.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (chunk[0] !== 7 || chunk[chunk.length - 1] !== 7) finish(false);
      if (received === TEST_BYTES) far?.end();
    });
    far.pause();
  });
  try {
    return await passed;
  } finally {
    far?.destroy();
    link?.destroy();
    server.close();
  }
}

async function connectedPair(): Promise<{ server: Server; near: Socket; far: Socket }> {
  const server = await listening();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => near.once('connect', resolve).once('error', reject));
  return { server, near, far: await accepted };
}

function listening(): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
