import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/proxy/byte-writer.ts';
import type { AccessEntry } from '../../../src/proxy/telemetry/access-entry.ts';
import { accessFormatOf } from '../../../src/proxy/telemetry/access-format.ts';

const entry: AccessEntry = {
  facts: {
    startedAt: Date.parse('2026-11-21T10:20:30.045Z'),
    ...{ method: 'GET', path: '/a?b=1', authority: 'shop', forwardedFor: '1.2.3.4', userAgent: 'say "hi"' },
    ...{ requestId: 'id-1', remoteAddress: '1.2.3.4:5', peerAddress: '5.6.7.8:9', localAddress: '[::1]:80', asked: [] },
  },
  outcome: {
    ...{ status: 200, flags: '-', details: 'via_upstream', requestBytes: 3, responseBytes: 12, durationMs: 7.4 },
    ...{ serviceTimeMs: 5.2, attempts: 2, endpoint: undefined, upstreamLocal: undefined, cluster: 'outbound|80||web' },
    ...{ route: 'default', tableVersion: 9, mirror: false, answered: new Map([['x-a', 'yes']]), traceId: undefined },
  },
};

function lineOf(format: string): string {
  const out = new ByteWriter(16);
  accessFormatOf(format).write(out, entry);
  return out.copyFrom(0).toString('utf8');
}

describe('a line of the access log', () => {
  test("is Istio's as text", () => {
    expect(lineOf('text')).toBe(
      '[2026-11-21T10:20:30.045Z] "GET /a?b=1 HTTP/1.1" 200 - via_upstream - "-" 3 12 7 5 "1.2.3.4" "say \\"hi\\"" "id-1" ' +
        '"shop" "-" outbound|80||web - [::1]:80 1.2.3.4:5 - default\n',
    );
  });

  test("has Istio's keys in Istio's order as JSON, and ours behind them", () => {
    const parsed = JSON.parse(lineOf('json')) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual([
      ...['start_time', 'method', 'path', 'protocol', 'response_code', 'response_flags', 'response_code_details'],
      ...['connection_termination_details', 'upstream_transport_failure_reason', 'bytes_received', 'bytes_sent'],
      ...['duration', 'upstream_service_time', 'x_forwarded_for', 'user_agent', 'request_id', 'authority'],
      ...['upstream_host', 'upstream_cluster', 'upstream_local_address', 'downstream_local_address'],
      ...['downstream_remote_address', 'requested_server_name', 'route_name'],
      ...['upstream_workload', 'table_version', 'mirror'],
    ]);
    expect(parsed).toMatchObject({ response_code: 200, upstream_service_time: 5, upstream_host: null, path: '/a?b=1' });
  });

  const formats: Record<string, string> = {
    '%RESPONSE_CODE% %BYTES_SENT%': '200 12\n',
    '100%% %DURATION%ms': '100% 7ms\n',
    '%START_TIME(%Y-%m-%d %H:%M:%S.%3f)%': '2026-11-21 10:20:30.045\n',
    '%START_TIME%': '2026-11-21T10:20:30.045Z\n',
    '%RESP(X-Missing?X-A)% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%': 'yes 5\n',
    '%UPSTREAM_HOST% %UPSTREAM_LOCAL_ADDRESS% %REQUESTED_SERVER_NAME%': '- - -\n',
    '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%': '1.2.3.4 5\n',
    '%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%': '[::1]\n',
    '%ROUTE_NAME:3% %UPSTREAM_CLUSTER% %UPSTREAM_REQUEST_ATTEMPT_COUNT%': 'def outbound|80||web 2\n',
    '%DYNAMIC_METADATA(istio.mixer:status)%|\n': '-|\n',
    '{"code":"%RESPONSE_CODE%","took":"%DURATION% ms","to":"%UPSTREAM_HOST%","\\"":"%REQ(x)% 100%%"}':
      '{"code":200,"took":"7 ms","to":null,"\\"":"- 100%"}\n',
  };
  test.each(Object.entries(formats))('of the form %j', (format, line) => {
    expect(lineOf(format)).toBe(line);
  });

  const wrong = ['nothing', '%', '% ', '%NOPE%', '%REQ%', '%REQ()%', '%BYTES_SENT(x)%', '%REQ(a):x%', '%constructor%'];
  test.each([...wrong, '%START_TIME(%q)%', '%DYNAMIC_METADATA%', '', '{"a":"%NOPE%"}', '{"a":1, "%":2}', '{%'])(
    'refuses the form %j',
    (format) => {
      expect(() => accessFormatOf(format)).toThrow(expect.objectContaining({ code: 'SL0403' }));
    },
  );
});
