/**
 * One catalogue of errors that a person may meet. Every code has a row here and a section in `docs/errors.md`; a test keeps
 * both the same. Match on `code`, never on the text of a message.
 */

/** Code, what it means in one sentence, and what to do about it. Rooms add their rows here, in order of the number. */
export const ERROR_CATALOGUE = {
  SL0001: {
    title: 'A manifest is not valid',
    remedy: 'Correct the field that the message names; the allowed values stand beside the found one.',
  },
  SL0002: {
    title: 'The data folder is in use',
    remedy: 'Stop the other `sluice up` (its process id is in the message), or choose another folder with --data.',
  },
  SL0003: {
    title: 'A port is in use',
    remedy: 'Stop what listens there, or choose another port with the option that the message names.',
  },
  SL0004: {
    title: 'No API server was found',
    remedy: 'Start one with `sluice up`, or name one with --kubeconfig or KUBECONFIG.',
  },
  SL0005: {
    title: 'The API server refused the request',
    remedy: 'Read the reason that the server gave; nothing was changed.',
  },
  SL0006: {
    title: 'The API server cannot be reached',
    remedy: 'Check the address and that the server runs; the request is safe to repeat.',
  },
  SL0007: {
    title: 'The named object does not exist',
    remedy: 'List what exists with `sluice get canaries -A`, and check the namespace.',
  },
  SL0008: { title: 'The command was not understood', remedy: 'See `sluice help` for commands and options.' },
  SL0009: {
    title: 'This Node.js is too old',
    remedy: 'Use Node.js 24.15 or newer; `npm ci` in the project brings one.',
  },
  SL0010: {
    title: 'The wait took too long',
    remedy: 'Look at `sluice describe` for what is waited for, or allow more time with --timeout.',
  },
  SL0011: {
    title: 'The rollout was rolled back',
    remedy:
      'The message names metric, value, bound and stage; correct the revision and release it again, or `sluice retry`.',
  },
  SL0012: {
    title: 'A part of the platform does not start',
    remedy: 'Read its last words in the message, and the log file that the message names.',
  },
  SL0100: {
    title: 'The kubeconfig cannot be used',
    remedy: 'Correct the file that --kubeconfig or KUBECONFIG names, or choose one of its contexts with --context.',
  },
  SL0120: {
    title: 'The manifests cannot be read',
    remedy: 'Check the path given with -f and its permissions; nothing is deleted while it cannot be read.',
  },
  SL0121: {
    title: 'A manifest is not valid',
    remedy: 'Correct the file at the line and column that the message names; the other documents are in force.',
  },
  SL0200: {
    title: 'The store of the API server cannot be opened',
    remedy: 'Read the reason; the data folder must be on a local disk that this user may write to.',
  },
  SL0201: {
    title: 'The store belongs to another program or a newer version',
    remedy: 'Choose another data folder with --data, or use the version of Sluice that wrote this one.',
  },
  SL0202: {
    title: 'The store of the API server is damaged',
    remedy: 'Restore the data folder from a copy, or start with an empty one and apply the manifests again.',
  },
  SL0203: {
    title: 'The disk failed under the store of the API server',
    remedy:
      'Nothing is written any more, and what was acknowledged is served as it was. Look for disk errors in the log of the system, then start again.',
  },
  SL0290: {
    title: 'The container has no output',
    remedy:
      'Look at the state and the events of the pod with `kubectl describe pod`; it may not have been started yet.',
  },
  SL0291: {
    title: 'The log option is not supported',
    remedy: 'Output of local processes carries no time of its own; leave out --timestamps.',
  },
  SL0300: {
    title: 'An Istio resource is not valid',
    remedy: 'Correct the field that the message names; until then the resource, and only it, is left out.',
  },
  SL0301: {
    title: 'A field of an Istio resource is unknown',
    remedy: 'Check its spelling; it has no effect.',
  },
  SL0302: {
    title: 'A field of an Istio resource is not in force in the bundled proxy',
    remedy: 'Remove it, or use a mesh that serves it; everything else in the resource is in force.',
  },
  SL0303: {
    title: 'A destination does not exist',
    remedy: 'Create the service, port or subset that the message names, or correct the destination.',
  },
  SL0304: {
    title: 'Two VirtualServices route one host',
    remedy: 'Join them into one; only the older one is in force.',
  },
  SL0306: {
    title: 'A rule is never reached',
    remedy: 'Move it before the rule that takes every request, or remove it.',
  },
  SL0307: {
    title: 'An Istio resource says something that is hardly meant',
    remedy: 'It is in force as written; read the message and correct the field, if it is not what you want.',
  },
  SL0308: {
    title: 'A Gateway asks for a port on which nobody listens',
    remedy: 'Start `sluice proxy` again: it opens the ports that the Gateways ask for when it starts.',
  },
  SL0309: {
    title: 'A setting of the mesh has changed that a proxy reads at its start only',
    remedy:
      'Start `sluice proxy` again to have it in force. Everything else in the file of --mesh is in force at once.',
  },
  SL0310: {
    title: 'The proxy refused a route table',
    remedy: 'Correct the resource that the reason names; the proxy keeps serving the table before.',
  },
  SL0320: {
    title: 'A field of an Istio resource has an old name, place or form',
    remedy: 'Write it as the message says; until then it is translated, or with --strict refused as Istio does.',
  },
  SL0321: {
    title: 'Two settings of an Istio resource exclude each other',
    remedy:
      'Keep one of them; the message says which one is in force. With --strict the resource is refused, as Istio does.',
  },
  SL0322: {
    title: 'A kind stands in an API group where it does not belong',
    remedy: 'Write the group that the message names; until then it is taken as meant, or with --strict refused.',
  },
  SL0323: {
    title: 'Istio no longer has this kind',
    remedy: 'Write what the message names instead; the resource is left out.',
  },
  SL0324: {
    title: 'An Istio resource is accepted, but not enforced',
    remedy: 'The bundled proxy does not act on this kind; use a mesh that does, if you need it.',
  },
  SL0325: {
    title: 'The kind of a resource is unknown to the proxy',
    remedy: 'Check its spelling; it is left out. Kinds of other programs may stand in the folder without harm.',
  },
  SL0326: {
    title: 'A resource is declared twice',
    remedy: 'Remove one of them; the later one is in force.',
  },
  SL0400: {
    title: 'The proxy cannot listen',
    remedy:
      'Stop what holds the port that the message names, or choose another one with --http-port (`sluice proxy`: --port).',
  },
  SL0401: {
    title: 'The admin port of the proxy cannot be bound',
    remedy: 'Stop what holds the port that the message names, or choose another one with --admin-port.',
  },
  SL0402: {
    title: 'A limit is below the number of proxy workers',
    remedy: 'Each worker allows one, so together they may exceed it: raise the limit, or run fewer --workers.',
  },
  SL0403: {
    title: 'The format of the access log is none',
    remedy:
      'Say json, text, or text with commands of Envoy such as %REQ(:METHOD)%; the message names what is not known.',
  },
  SL0404: {
    title: 'The fast transport of the proxy cannot be used',
    remedy:
      'Everything works, for about a tenth more CPU time. Run Node.js 24 or 26, in which what it needs was found to work.',
  },
  SL0405: {
    title: 'The proxy does not answer',
    remedy: 'Start one with `sluice up` or `sluice proxy`, or name its admin port with --admin.',
  },
} as const satisfies Record<string, { title: string; remedy: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** What a reconciler does about a failure: needs a person, expected to pass, or unexpected. */
export type Remedy = { kind: 'stall' } | { kind: 'wait'; retryAfterMs: number } | { kind: 'retry' };

export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly remedy: Remedy;

  constructor(
    code: ErrorCode,
    message: string,
    { remedy = { kind: 'stall' }, cause }: { remedy?: Remedy; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'SluiceError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
