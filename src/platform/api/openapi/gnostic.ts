/**
 * An OpenAPI v2 document as gnostic's protobuf message `openapi.v2.Document`, for clients that read no JSON.
 * https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto
 *
 * Numbers in here are that file's field numbers.
 */

import { isFields } from '../builtin/field-access.ts';
import { boolField, bytesField, doubleField, message } from '../wire/protobuf-writer.ts';
import type { OpenApiV2 } from './openapi-v2.ts';

type Json = { [key: string]: unknown };

/** @throws nothing: unknown parts of the document are left out */
export function encodeOpenApiV2(document: OpenApiV2): Uint8Array {
  return message(
    bytesField(1, document.swagger),
    bytesField(2, message(bytesField(1, document.info.title), bytesField(2, document.info.version))),
    bytesField(8, message(...extensions(document as unknown as Json, 1), ...named(2, document.paths, pathItem))),
    bytesField(9, message(...named(1, document.definitions, schema))),
  );
}

/** Named messages (`NamedSchema` and its like): name 1, value 2. */
function named(number: number, values: object, encode: (value: Json) => Uint8Array): Array<Uint8Array | undefined> {
  return Object.entries(values).map(([name, value]) =>
    bytesField(number, message(bytesField(1, name), bytesField(2, encode(value as Json)))),
  );
}

function pathItem(item: Json): Uint8Array {
  const numbers: Record<string, number> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };
  return message(
    ...Object.entries(numbers).map(([verb, number]) =>
      isFields(item[verb]) ? bytesField(number, operation(item[verb])) : undefined,
    ),
  );
}

function operation(value: Json): Uint8Array {
  const parameters = (value.parameters ?? []) as Json[];
  return message(
    bytesField(5, String(value.operationId ?? '')),
    ...parameters.map((parameter) => bytesField(8, queryParameterItem(parameter))),
    bytesField(9, responses((value.responses ?? {}) as Json)),
    ...extensions(value, 13),
  );
}

/** ParametersItem.parameter(1) → Parameter.non_body_parameter(2) → NonBodyParameter.query_parameter_sub_schema(3). */
function queryParameterItem(parameter: Json): Uint8Array {
  const query = message(
    bytesField(2, 'query'),
    bytesField(3, String(parameter.description ?? '')),
    bytesField(4, String(parameter.name)),
    bytesField(6, 'string'),
  );
  return message(bytesField(1, message(bytesField(2, message(bytesField(3, query))))));
}

/** Responses.response_code(1) → NamedResponseValue → ResponseValue.response(1) → Response(description 1, schema 2). */
function responses(values: Json): Uint8Array {
  return message(
    ...named(1, values, ({ description, schema: body }) => {
      // SchemaItem.schema(1)
      const item = isFields(body) ? message(bytesField(1, schema(body))) : undefined;
      return message(bytesField(1, message(bytesField(1, String(description)), bytesField(2, item))));
    }),
  );
}

function schema(value: Json): Uint8Array {
  const text = (name: string) => (typeof value[name] === 'string' ? value[name] : undefined);
  const number = (field: number, name: string) =>
    typeof value[name] === 'number' ? doubleField(field, value[name]) : undefined;
  const { required, items, properties, additionalProperties } = value;
  return message(
    bytesField(1, text('$ref')),
    bytesField(2, text('format')),
    bytesField(4, text('description')),
    number(7, 'maximum'),
    number(9, 'minimum'),
    bytesField(13, text('pattern')),
    boolField(16, value.uniqueItems === true),
    ...(Array.isArray(required) ? required.map((name) => bytesField(19, String(name))) : []),
    // AdditionalPropertiesItem: schema 1 or boolean 2.
    isFields(additionalProperties) ? bytesField(21, message(bytesField(1, schema(additionalProperties)))) : undefined,
    additionalProperties === true ? bytesField(21, message(boolField(2, true))) : undefined,
    // TypeItem.value(1)
    bytesField(22, text('type') === undefined ? undefined : message(bytesField(1, text('type')))),
    // ItemsItem.schema(1)
    isFields(items) ? bytesField(23, message(bytesField(1, schema(items)))) : undefined,
    isFields(properties) ? bytesField(25, message(...named(1, properties, schema))) : undefined,
    ...extensions(value, 31),
  );
}

/** NamedAny(name 1, value 2) with Any(yaml 2); JSON is YAML. */
function extensions(value: Json, number: number): Array<Uint8Array | undefined> {
  return Object.entries(value)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, extension]) =>
      bytesField(
        number,
        message(bytesField(1, name), bytesField(2, message(bytesField(2, JSON.stringify(extension))))),
      ),
    );
}
