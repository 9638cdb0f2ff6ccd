/** JSON Schema, and the OpenAPI objects around it. */
export type Json = Readonly<Record<string, unknown>>;

export const text = { type: "string" };
export const texts = { type: "array", items: text };
export const whole = { type: "integer" };
export const count = { type: "integer", minimum: 0 };
export const yes = { type: "boolean" };
export const time = { type: "string", format: "date-time" };
export const tags = { type: "object", additionalProperties: text };
/** Whatever stands there: said outright, so that a schema that was forgotten is not taken for one. */
export const anyObject = { type: "object", additionalProperties: true };

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const list = (items: Json): Json => ({ type: "array", items });
export const mapOf = (values: Json): Json => ({ type: "object", additionalProperties: values });
export const object = (required: readonly string[], properties: Json): Json => ({ type: "object", required, properties });
/** Every field is always there. */
export const record = (properties: Json): Json => object(Object.keys(properties), properties);

/** `policies` of answers that say why. */
export const policyKeys: Json = { ...texts, description: "`Kind/mesh/name` of the policies that decide it." };
