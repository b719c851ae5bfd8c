import { expect, test } from 'vitest';
import type { AnalysisMessage } from '../../../src/mesh/analyze/analysis-message.ts';
import { loadFindings } from '../../../src/mesh/analyze/load-findings.ts';
import type { TableIssue } from '../../../src/mesh/compile/table-issue.ts';

const issue = (more: Partial<TableIssue>): TableIssue => ({
  level: 'warning',
  code: 'SL0301',
  kind: 'VirtualService',
  namespace: 'shop',
  name: 'web',
  path: 'spec.x',
  message: 'must be something else',
  ...more,
});
const message = (code: AnalysisMessage['code'], path: string, name = 'web'): AnalysisMessage => ({
  code,
  path,
  text: 'said',
  object: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace: 'shop' } },
});

test.each<[sentence: string, issue: Partial<TableIssue>, messages: AnalysisMessage[], expected: string[]]>([
  ['what is not valid has the code of Istio', { code: 'SL0300', level: 'error' }, [], ['IST0106 Error']],
  ['so has advice', { code: 'SL0307' }, [], ['IST0133 Warning']],
  ['an unknown field has ours', {}, [], ['SL0301 Warning']],
  ['an unknown field is an error where it refuses the resource', { level: 'error' }, [], ['SL0301 Error']],
  ['what only the bundled proxy does not do is a note', { code: 'SL0302' }, [], ['SL0302 Info']],
  ['a fact that an analyzer has found is left out', { code: 'SL0303' }, [message('IST0101', 'spec.y')], []],
  ['that of another object stays', { code: 'SL0303' }, [message('IST0101', 'spec.y', 'other')], ['SL0303 Warning']],
  ['a warning about the same field is left out', { code: 'SL0320' }, [message('IST0002', 'spec.x')], []],
  ['an error about it stays', { code: 'SL0300', level: 'error' }, [message('IST0002', 'spec.x')], ['IST0106 Error']],
])('%s', (_sentence, given, messages, expected) => {
  expect(loadFindings([issue(given)], messages).map(({ code, level }) => `${code} ${level}`)).toEqual(expected);
});
