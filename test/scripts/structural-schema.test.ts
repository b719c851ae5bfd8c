import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type JsonSchema, structuralSchema } from '../../scripts/crd/structural-schema.ts';

describe('structuralSchema()', () => {
  const cases: Record<string, { schema: z.ZodType; crd: JsonSchema }> = {
    'drops the bounds of safe integers': { schema: z.int(), crd: { type: 'integer' } },
    'keeps real bounds': { schema: z.int().min(0).max(100), crd: { type: 'integer', minimum: 0, maximum: 100 } },
    'writes int or string as the extension': {
      schema: z.union([z.int(), z.string()]),
      crd: { 'x-kubernetes-int-or-string': true },
    },
    'merges enums of a union': {
      schema: z.union([z.literal('a'), z.enum(['b', 'c'])]),
      crd: { type: 'string', enum: ['a', 'b', 'c'] },
    },
    'writes a closed object without additionalProperties, which pruning makes superfluous': {
      schema: z.strictObject({ name: z.string(), note: z.string().optional() }),
      crd: { type: 'object', properties: { name: { type: 'string' }, note: { type: 'string' } }, required: ['name'] },
    },
    'preserves the unknown fields of a loose object': {
      schema: z.looseObject({ name: z.string().optional() }),
      crd: { type: 'object', properties: { name: { type: 'string' } }, 'x-kubernetes-preserve-unknown-fields': true },
    },
    'writes a record as a map': {
      schema: z.record(z.string(), z.string()),
      crd: { type: 'object', additionalProperties: { type: 'string' } },
    },
    'merges the fields of a union of objects and demands only what all demand': {
      schema: z.union([z.object({ kind: z.string(), a: z.int() }), z.object({ kind: z.string(), b: z.boolean() })]),
      crd: {
        type: 'object',
        properties: { kind: { type: 'string' }, a: { type: 'integer' }, b: { type: 'boolean' } },
        required: ['kind'],
      },
    },
    'does not demand a field that has a default': {
      schema: z.object({ mode: z.enum(['x', 'y']).default('x') }),
      crd: { type: 'object', properties: { mode: { type: 'string', enum: ['x', 'y'], default: 'x' } } },
    },
    'accepts anything where the schema does': {
      schema: z.unknown(),
      crd: { 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { schema, crd }) => {
    expect(structuralSchema(schema)).toEqual(crd);
  });
});
