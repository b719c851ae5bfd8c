import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/kube/folder/manifest.ts';
import { parseManifests } from '../../../src/kube/folder/parse-manifests.ts';
import { serverProblems } from '../../../src/kube/folder/server-problems.ts';
import { ApiError } from '../../../src/kube/kube-client.ts';

const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: -1\n  paused: maybe\n';
const [document] = parseManifests('web.yaml', text).documents;
const refused = (message: string, causes: { message: string; field: string }[] = []) =>
  new ApiError(message, { status: 422, reason: 'Invalid', causes: causes.map((cause) => ({ reason: '', ...cause })) });

describe('serverProblems()', () => {
  const cases: Record<string, { thrown: Error; says: string[] }> = {
    'turns an invalid value round': {
      thrown: refused('invalid', [{ field: 'spec.replicas', message: 'Invalid value: -1: must be 0 or more' }]),
      says: ['web.yaml:5:13: spec.replicas: must be 0 or more: got -1'],
    },
    'keeps a found object whole': {
      thrown: refused('invalid', [{ field: 'spec', message: 'Invalid value: {"a": "b: c"}: must match' }]),
      says: ['web.yaml:4:1: spec: must match: got {"a": "b: c"}'],
    },
    'lists what is supported': {
      thrown: refused('invalid', [
        {
          field: 'spec.strategy.type',
          message: 'Unsupported value: "Roll": supported values: "Recreate", "RollingUpdate"',
        },
      ]),
      says: ['web.yaml:4:1: spec.strategy.type: must be one of "Recreate", "RollingUpdate": got "Roll"'],
    },
    'names every cause': {
      thrown: refused('invalid', [
        { field: 'spec.selector', message: 'Required value' },
        { field: 'spec.paused', message: 'Forbidden: not now' },
      ]),
      says: ['web.yaml:4:1: spec.selector: must be set: got nothing', 'web.yaml:6:11: spec.paused: Forbidden: not now'],
    },
    'says the expectation of a schema once': {
      thrown: refused('invalid', [
        { field: 'spec.a', message: 'Invalid value: "string": spec.a in body must be of type number: "string"' },
        { field: 'spec.b', message: 'Invalid value: 250: spec.b in body should be less than or equal to 100' },
      ]),
      says: [
        'web.yaml:4:1: spec.a: must be of type number: got "string"',
        'web.yaml:4:1: spec.b: must be less than or equal to 100: got 250',
      ],
    },
    'finds the field that could not be decoded': {
      thrown: refused(
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool',
      ),
      says: ['web.yaml:6:11: spec.paused: must be of type bool: got a string'],
    },
    'finds fields that are given twice': {
      thrown: refused('strict decoding error: duplicate field "spec.paused"'),
      says: ['web.yaml:6:11: spec.paused: is given twice'],
    },
    'finds unknown fields in the message': {
      thrown: refused('strict decoding error: unknown field "spec.paused", unknown field "spec.x"'),
      says: [
        'web.yaml:6:11: spec.paused: is not a field that the API server knows',
        'web.yaml:4:1: spec.x: is not a field that the API server knows',
      ],
    },
    'finds the field of a typed patch in the message': {
      thrown: refused(
        'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.paused: expected boolean, got maybe',
      ),
      says: ['web.yaml:6:11: spec.paused: expected boolean, got maybe'],
    },
    'gives the whole answer when it names no field': {
      thrown: new Error('connection refused'),
      says: ['web.yaml:1:1: connection refused'],
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { thrown, says }) => {
    expect(serverProblems(document!, thrown).map(formatProblem)).toEqual(says);
  });
});
