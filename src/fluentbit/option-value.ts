import type { OptionType } from './plugins.ts';

interface Form {
  readonly isValid: (value: string) => boolean;
  readonly expected: string;
}

const BOOLEAN = /^(?:true|on|yes|false|off|no)$/i;

const FORMS: Readonly<Record<Exclude<OptionType, 'text' | 'prefix' | number>, Form>> = {
  boolean: { isValid: (value) => BOOLEAN.test(value), expected: '`on` or `off`' },
  integer: { isValid: (value) => /^[-+]?\d+$/.test(value), expected: 'a whole number' },
  decimal: { isValid: (value) => /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(value), expected: 'a number' },
  time: { isValid: (value) => /^-?\d+(?:\.\d+)?[smhd]?$/i.test(value), expected: 'a time such as `30s`' },
  size: {
    isValid: (value) => /^(?:\d+(?:\.\d+)?(?:[kmg]b?)?|off|false)$/i.test(value),
    expected: 'a size such as `5M`',
  },
};

/** What a value should be instead; undefined when it is right, or only the running process can tell. */
export function valueProblem(type: OptionType, value: string): string | undefined {
  if (type === 'text' || type === 'prefix' || value.includes('${')) return undefined;
  if (typeof type === 'number') {
    const words = value.split(/[ \t]+/).length;
    return words >= type ? undefined : `at least ${type} words`;
  }
  const { isValid, expected } = FORMS[type];
  return isValid(value) ? undefined : expected;
}
