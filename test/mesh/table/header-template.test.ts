import { describe, expect, test } from 'vitest';
import { fillTemplate, parseHeaderTemplate, type TemplateContext } from '../../../src/mesh/table/header-template.ts';

const context: TemplateContext = {
  requestHeader: (name) => ({ 'x-user': 'anna', ':path': '/a' })[name],
  responseHeader: (name) => ({ 'content-type': 'text/plain' })[name],
  value: (command) => (command === 'RESPONSE_CODE' ? '404' : undefined),
};

describe('a value of a header operation', () => {
  test.each([
    ['is literal', 'plain', 'plain'],
    ['writes a percent sign twice', '100%%', '100%'],
    ['asks for a field of the request', 'user=%REQ(X-User)%!', 'user=anna!'],
    ['asks for a pseudo field', '%REQ(:path)%', '/a'],
    ['takes the second name when the first is absent', '%REQ(x-none?x-user)%', 'anna'],
    ['is cut', '%REQ(x-user):2%', 'an'],
    ['asks for a field of the answer', '%RESP(content-type)%', 'text/plain'],
    ['asks for the status', '%RESPONSE_CODE%', '404'],
    ['is empty when nobody knows', '%REQ(x-none)%', ''],
  ])('%s', (_, text, expected) => {
    const template = parseHeaderTemplate(text);
    expect(template && fillTemplate(template, context)).toBe(expected);
  });

  test.each(['%', 'a%20b', '%REQ(a)', '%REQ()%', '%REQ(a):3', '%NOBODY_KNOWS%', '100 %', '%req(a)%'])(
    'is refused: %s',
    (text) => expect(parseHeaderTemplate(text)).toBeUndefined(),
  );
});
