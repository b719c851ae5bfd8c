/** A list of Istio HTTPMatchRequests in a few words: `user-type=internal`, `uri ^/beta or cookie ~ ^(.*)$`. Pure. */

const OPERATORS: Readonly<Record<string, string>> = {
  exact: '=',
  prefix: ' starts with ',
  suffix: ' ends with ',
  regex: ' ~ ',
};
const SINGLE_FIELDS = ['uri', 'method', 'authority', 'scheme'] as const;

/** @returns `undefined` for an empty list, which matches by weight alone */
export function describeMatch(match: readonly Record<string, unknown>[]): string | undefined {
  return match.length === 0 ? undefined : match.map(describeEntry).join(' or ');
}

function describeEntry(entry: Record<string, unknown>): string {
  const parts = [
    ...SINGLE_FIELDS.flatMap((field) => (entry[field] === undefined ? [] : [describeString(field, entry[field])])),
    ...describeMap(entry.headers, ''),
    ...describeMap(entry.withoutHeaders, 'not '),
    ...describeMap(entry.queryParams, '?'),
  ];
  return parts.length === 0 ? 'everything' : parts.join(' and ');
}

function describeMap(map: unknown, prefix: string): string[] {
  return Object.entries((map ?? {}) as Record<string, unknown>).map(
    ([name, match]) => prefix + describeString(name, match),
  );
}

function describeString(name: string, match: unknown): string {
  const [kind, value] = Object.entries((match ?? {}) as Record<string, unknown>)[0] ?? [];
  return kind === undefined ? `${name} present` : `${name}${OPERATORS[kind] ?? ' '}${String(value)}`;
}
