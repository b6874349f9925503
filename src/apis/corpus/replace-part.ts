/** Replaces one part of a value, chosen by numbers, by another; for tests that break what is whole. */
export function replacePart(value: unknown, choices: readonly number[], other: unknown): unknown {
  const [choice, ...rest] = choices;
  if (choice === undefined || typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  if (keys.length === 0) return other;
  const key = keys[choice % keys.length]!;
  const replaced = replacePart((value as Record<string, unknown>)[key], rest, other);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? replaced : item));
  return { ...value, [key]: replaced };
}
