import { FieldReader, WIRE_TYPE } from '../../pdata/index.ts';

const KEY = Buffer.from('service.name', 'latin1');
/** Names are kept as text: one that is longer is no name. */
const MAX_NAME_BYTES = 128;

/** The field numbers are the same in the requests of all signals: resources, resource, attributes, key, value, string_value. */
const FIELD = { resources: 1, resource: 1, attributes: 1, key: 1, value: 2, text: 1 } as const;

/** `service.name` of the first resource of a valid request; undefined when that has none. Looks at no further than that resource. */
export function serviceNameOf(request: Uint8Array): string | undefined {
  const fields = new FieldReader(request);
  if (!enter(fields, FIELD.resources) || !enter(fields, FIELD.resource)) return undefined;
  while (fields.next()) {
    if (fields.number !== FIELD.attributes || fields.wireType !== WIRE_TYPE.lengthDelimited) continue;
    const name = nameOf(fields.message());
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Goes into the first message with this number. */
function enter(fields: FieldReader, number: number): boolean {
  while (fields.next()) {
    if (fields.number !== number || fields.wireType !== WIRE_TYPE.lengthDelimited) continue;
    fields.enter(fields);
    return true;
  }
  return false;
}

function nameOf(attribute: FieldReader): string | undefined {
  let isName = false;
  let name: string | undefined;
  while (attribute.next()) {
    if (attribute.wireType !== WIRE_TYPE.lengthDelimited) continue;
    if (attribute.number === FIELD.key) isName = KEY.equals(attribute.content());
    else if (attribute.number === FIELD.value) {
      const value = attribute.message();
      while (value.next()) {
        if (value.number !== FIELD.text || value.wireType !== WIRE_TYPE.lengthDelimited) continue;
        name = value.end - value.start > MAX_NAME_BYTES ? undefined : value.string();
      }
    }
  }
  return isName ? name : undefined;
}
