/** The messages of the built-in kinds: their fields by protobuf number, and how Go writes them as JSON. */

import data from './messages.json' with { type: 'json' };

export type MessageField = {
  name: string;
  type: string;
  repeated?: boolean;
  map?: boolean;
  /** A struct that Go embeds: its fields stand beside the others. */
  inline?: boolean;
  /** Go tells absent from zero. */
  pointer?: boolean;
  /** Written also when it is zero. */
  always?: boolean;
  /** A struct that is left out when it is zero. */
  omitsZero?: boolean;
};

const roots = data.roots as Record<string, string>;
const messages = data.messages as unknown as Record<string, Record<string, MessageField>>;

/** The message of a kind, by `apiVersion/kind`. */
export function rootMessage(apiVersionAndKind: string): string | undefined {
  return Object.hasOwn(roots, apiVersionAndKind) ? roots[apiVersionAndKind] : undefined;
}

/** The fields of a message by number; `undefined` for scalars and for messages that carry anything. */
export function fieldsOfMessage(name: string): Record<string, MessageField> | undefined {
  return Object.hasOwn(messages, name) ? messages[name] : undefined;
}
