import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly example?: unknown;
}

const fixture = resolve(import.meta.dirname, '../fixtures/rstuf/openapi-1.0.1.json');
const { components } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  components: { schemas: Record<string, Schema> };
};

/** The example body that RSTUF's own schema gives. */
export function exampleOf(name: string): unknown {
  return schemaOf(name).example;
}

/** Where `value` departs from a schema that a live RSTUF served; fields that the schema does not know count too. */
export function departures(name: string, value: unknown): readonly string[] {
  return check(schemaOf(name), value, name);
}

function schemaOf(name: string): Schema {
  const schema = components.schemas[name];
  if (schema === undefined) throw new Error(`The API's schema has no ${name}.`);
  return schema;
}

function check(schema: Schema, value: unknown, at: string): readonly string[] {
  if (schema.$ref !== undefined) return check(schemaOf(schema.$ref.split('/').at(-1) ?? ''), value, at);
  if (schema.anyOf !== undefined) {
    const attempts = schema.anyOf.map((one) => check(one, value, at));
    return attempts.find((found) => found.length === 0) ?? attempts[0] ?? [];
  }
  if (schema.enum !== undefined) return schema.enum.includes(value) ? [] : [`${at}: ${JSON.stringify(value)}`];
  if (typeOf(value) !== (schema.type === 'integer' ? 'number' : schema.type)) return [`${at}: not ${schema.type}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => check(schema.items ?? {}, item, `${at}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((key) => !(key in value)).map((key) => `${at}.${key}: missing`);
  if (schema.properties === undefined) return missing;
  const properties = schema.properties;
  return missing.concat(
    Object.entries(value).flatMap(([key, item]) => {
      const property = properties[key];
      return property === undefined ? [`${at}.${key}: unknown`] : check(property, item, `${at}.${key}`);
    }),
  );
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
