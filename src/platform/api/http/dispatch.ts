/** One HTTP request: authenticate, read, find its handler, answer. The only place where a failure becomes a response. */

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../../lib/errors.ts';
import type { ApiContext } from '../api-context.ts';
import { ApiFailure, internalError, unauthorized } from '../failure/api-failure.ts';
import { readBody } from '../request/body.ts';
import { representationOf } from '../request/representation.ts';
import { parseTarget } from '../request/target.ts';
import { selfReview } from '../subresource/self-reviews.ts';
import type { Documents } from './documents.ts';
import { jsonReply, type Reply, sendReply } from './reply.ts';
import { handleResource, pageNotFound } from './resource-handler.ts';

export type Dispatcher = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** @param token what every caller must present as a bearer token */
export function createDispatcher(
  context: ApiContext,
  { documents, token }: { documents: Documents; token: string },
): Dispatcher {
  return async (request, response) => {
    try {
      if (!isAuthenticated(request.headers.authorization, token)) throw unauthorized();
      const reply = await route(context, { request, response, documents });
      if (reply.kind === 'whole') sendReply(response, reply);
      else await reply.write(response);
    } catch (thrown) {
      answerFailure(context, { request, response, thrown });
    }
  };
}

/** As the real server answers outside of its groups: in plain text. */
const NOTHING_HERE: Reply = {
  kind: 'whole',
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: '404 page not found\n',
};

type Exchange = { request: IncomingMessage; response: ServerResponse; documents: Documents };

async function route(context: ApiContext, { request, response, documents }: Exchange): Promise<Reply> {
  const { method = 'GET', headers } = request;
  const url = new URL(`http://server${request.url?.startsWith('/') ? request.url : '/'}`);
  const path = url.pathname;
  const body = await readBody(request);
  if (method === 'GET') {
    const document = documents.answer({ path, accept: headers.accept ?? '', serverAddress: headers.host ?? '' });
    if (document !== undefined) return document;
  }
  const contentType = headers['content-type'];
  const review = method === 'POST' ? selfReview(context, { path, body, contentType }) : undefined;
  if (review !== undefined) return review;
  const target = parseTarget(path);
  const kind = target === undefined ? undefined : context.kinds.find(target);
  if (target === undefined || !context.kinds.serves(target)) return NOTHING_HERE;
  if (kind === undefined) throw pageNotFound();
  return handleResource(context, {
    method,
    kind,
    target,
    query: url.searchParams,
    representation: representationOf(headers.accept),
    contentType,
    body,
    userAgent: headers['user-agent'] ?? '',
    signal: signalOf(response),
  });
}

function isAuthenticated(authorization: string | undefined, token: string): boolean {
  const [scheme = '', presented = ''] = (authorization ?? '').split(' ', 2);
  const [given, expected] = [Buffer.from(presented), Buffer.from(token)];
  return scheme.toLowerCase() === 'bearer' && given.length === expected.length && timingSafeEqual(given, expected);
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  return controller.signal;
}

type Failed = { request: IncomingMessage; response: ServerResponse; thrown: unknown };

function answerFailure({ logger }: ApiContext, { request, response, thrown }: Failed): void {
  const failure = thrown instanceof ApiFailure ? thrown : internalError(messageOf(thrown));
  if (failure !== thrown && !request.destroyed) {
    logger.error(
      {
        method: request.method,
        url: request.url,
        error: messageOf(thrown),
        stack: thrown instanceof Error ? thrown.stack : undefined,
      },
      'a request failed unexpectedly',
    );
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const reply = jsonReply(failure.toStatus(), { status: failure.code });
  if (reply.kind !== 'whole') return;
  // The rest of an oversized body is not read: the connection cannot be used again.
  if (failure.code === 413) response.setHeader('connection', 'close');
  sendReply(response, reply);
}
