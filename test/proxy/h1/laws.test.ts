import { test } from 'vitest';
import {
  acceptedChunksAreLegal,
  acceptedHeadsAreLegal,
  legalChunksAreRewritten,
  legalHeadsAreRead,
  verdictsDoNotDependOnCuts,
} from '../../support/h1-laws.ts';

/** A second's worth; test/strict draws many more. */
const RUNS = 300;

test('a legal head is read as it was written', () => legalHeadsAreRead(RUNS));
test('what is accepted as a head has the grammar and clear framing', () => acceptedHeadsAreLegal(RUNS));
test('cuts do not change the verdict on a head', () => verdictsDoNotDependOnCuts(RUNS));
test('a legal chunked body goes on in its plainest form', () => legalChunksAreRewritten(RUNS));
test('what is accepted as a chunked body means the same to an obvious parser', () => acceptedChunksAreLegal(RUNS));
