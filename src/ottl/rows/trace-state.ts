/** The W3C trace state as the Collector reads it (go.opentelemetry.io/otel/trace): a list with one bad member is none at all. */

const MAX_MEMBERS = 32;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const SIMPLE_KEY = /^[a-z][a-z0-9_\-*/]{0,255}$/;
const TENANT_KEY = /^[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}$/;

type Member = readonly [key: string, value: string];

/** Empty text for a key that is not there; undefined where the text is no trace state. */
export function traceStateMember(text: string, key: string): string | undefined {
  const members = parse(text);
  if (members === undefined) return undefined;
  return members.find(([name]) => name === key)?.[1] ?? '';
}

/** The text with the member in front; undefined if that, or the text, is no trace state. */
export function withTraceStateMember(text: string, key: string, value: string): string | undefined {
  const members = parse(text);
  if (members === undefined || !isMember([key, value])) return undefined;
  const others = members.filter(([name]) => name !== key);
  const all: readonly Member[] = [[key, value], ...others];
  return all
    .slice(0, MAX_MEMBERS)
    .map((member) => member.join('='))
    .join(',');
}

function parse(text: string): readonly Member[] | undefined {
  const members: Member[] = [];
  for (const part of text.split(',')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return undefined;
    const member: Member = [
      part.slice(0, equals).replace(/^[ \t]+/, ''),
      part.slice(equals + 1).replace(/(?<![ \t])[ \t]+$/, ''),
    ];
    if (!isMember(member) || members.some(([key]) => key === member[0])) return undefined;
    members.push(member);
    if (members.length > MAX_MEMBERS) return undefined;
  }
  return members;
}

function isMember([key, value]: Member): boolean {
  return (SIMPLE_KEY.test(key) || TENANT_KEY.test(key)) && VALUE.test(value);
}
