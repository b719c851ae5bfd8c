/** `pods/log`: the output of a container, as it is or followed, from whoever runs it. */

import { once } from 'node:events';
import { messageOf } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext, PodLogOptions } from '../api-context.ts';
import { listAt, textAt } from '../builtin/field-access.ts';
import { ApiFailure, badRequest } from '../failure/api-failure.ts';
import type { Reply } from '../http/reply.ts';
import { integerOf } from '../read/list-options.ts';
import { type ApiRequest, isTrue } from '../request/api-request.ts';
import { liveObject } from '../write/replace.ts';

export function podLog(context: ApiContext, request: ApiRequest): Reply {
  const { object } = liveObject(context, request);
  const container = containerOf(object, request.query.get('container') ?? '');
  const { name, namespace = '' } = object.metadata;
  if (!textAt(object, 'spec', 'nodeName')) throw badRequest(`pod ${name} does not have a host assigned`);
  const { podLogs, logger } = context;
  if (podLogs === undefined) {
    throw new ApiFailure(
      503,
      'ServiceUnavailable',
      'no kubelet is connected to this server, so that there are no logs',
    );
  }
  const options = optionsOf(request, context);
  return {
    kind: 'stream',
    async write(response) {
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
      response.flushHeaders();
      try {
        for await (const chunk of podLogs({ namespace, name, container }, options, request.signal)) {
          if (!response.write(chunk)) await once(response, 'drain', { signal: request.signal });
        }
      } catch (thrown) {
        if (!request.signal.aborted) logger.warn({ pod: name, error: messageOf(thrown) }, 'a log stream broke off');
      }
      response.end();
    },
  };
}

function containerOf(pod: KubeObject, asked: string): string {
  const { name } = pod.metadata;
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  const names = containers.map((container) => textAt(container, 'name') ?? '');
  if (asked !== '') {
    if (names.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only = '', ...others] = names;
  if (others.length === 0) return only;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
}

function optionsOf({ query }: ApiRequest, { clock }: ApiContext): PodLogOptions {
  const tailLines = integerOf(query, 'tailLines');
  const since = Date.parse(query.get('sinceTime') ?? '');
  const sinceSeconds = Number.isNaN(since)
    ? integerOf(query, 'sinceSeconds')
    : Math.max(1, Math.ceil((clock.now() - since) / 1_000));
  const limitBytes = integerOf(query, 'limitBytes');
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}
