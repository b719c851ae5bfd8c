/** Every example plans as it stands; that each is applied and rolls is the e2e tests' to show. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readPlans } from '../../src/cli/commands/plan.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const STRATEGIES: Record<string, string> = {
  'ab-testing': 'ab-testing',
  'getting-started': 'stages',
};

/** Routing alone: test/e2e/bookinfo.test.ts shows them at work. */
const WITHOUT_CANARY = ['bookinfo', 'bookinfo-routes', 'bookinfo-standalone'];

describe('examples/', () => {
  test('are all known to this test', () => {
    expect(readdirSync(EXAMPLES).sort()).toEqual([...Object.keys(STRATEGIES), ...WITHOUT_CANARY].sort());
  });

  test.each(Object.entries(STRATEGIES))('%s is planned without a flaw, as %s', (folder, strategy) => {
    const { planned, flaws } = readPlans(join(EXAMPLES, folder, 'canary.yaml'));
    expect(flaws).toEqual([]);
    expect(planned.map(({ plan }) => plan.strategy)).toEqual([strategy]);
  });
});
