import type { RuleContext } from './rule-context.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function checkName(context: RuleContext): void {
  const name = context.text(['metadata', 'name']);
  if (name === undefined || name === '' || (name.length <= 253 && NAME.test(name))) return;
  const fixed = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  context.report('SL0116', ['metadata', 'name'], 'is not a Kubernetes name', {
    label:
      name.length > 253
        ? `has ${name.length} characters, the most is 253`
        : 'only a-z, 0-9, `-` and `.`, with a letter or digit at both ends',
    ...(NAME.test(fixed) && fixed.length <= 253 ? { help: `write \`${fixed}\`` } : {}),
  });
}
