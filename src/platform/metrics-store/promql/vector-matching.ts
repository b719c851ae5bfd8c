/** `on`, `ignoring`, `group_left` and `group_right` after a binary operator, and lists of label names. */

import type { VectorMatching } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

export function parseVectorMatching(tokens: TokenStream, isSetOperator: boolean): VectorMatching | undefined {
  const word = tokens.isKeyword('on') ? 'on' : tokens.isKeyword('ignoring') ? 'ignoring' : undefined;
  // Without a list behind it, `on` is the name of a metric.
  if (word === undefined || !tokens.isOperator('(', 1)) return undefined;
  tokens.take();
  const labels = parseLabelNames(tokens, `${word}(…)`);
  const side = tokens.isKeyword('group_left') ? 'left' : tokens.isKeyword('group_right') ? 'right' : undefined;
  if (side === undefined) return { on: word === 'on', labels, group: undefined, include: [] };
  const { offset } = tokens.take();
  if (isSetOperator) throw tokens.fail(offset, 'no grouping allowed for set operations');
  const include = tokens.isOperator('(') ? parseLabelNames(tokens, `group_${side}(…)`) : [];
  const both = word === 'on' ? include.find((label) => labels.includes(label)) : undefined;
  if (both !== undefined)
    throw tokens.fail(offset, `label ${JSON.stringify(both)} must not occur in ON and GROUP clause at once`);
  return { on: word === 'on', labels, group: side, include };
}

export function parseLabelNames(tokens: TokenStream, context: string): string[] {
  tokens.expectOperator('(', context);
  const labels: string[] = [];
  while (!tokens.isOperator(')')) {
    const { text, offset } = tokens.expectKind('identifier', context);
    if (text.includes(':')) throw tokens.fail(offset, `label names hold no colons: got ${text}`);
    labels.push(text);
    if (!tokens.takeOperator(',')) break;
  }
  tokens.expectOperator(')', context);
  return labels;
}
