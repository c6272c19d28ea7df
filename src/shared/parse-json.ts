import * as v from 'valibot';

/** Parses JSON that a program wrote; `undefined` if it is not JSON or does not match the schema. */
export function parseJson<T>(text: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
