import type { Call, Condition, Expression, Path, Statement } from './syntax.ts';

/** Text that means the same. */
export function printStatement({ editor, where }: Statement): string {
  return printCall(editor) + (where === undefined ? '' : ` where ${printCondition(where)}`);
}

export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'or':
    case 'and':
      return condition.terms.map(printCondition).join(` ${condition.kind} `);
    case 'not':
      return `not ${printCondition(condition.operand)}`;
    case 'parens':
      return `(${printCondition(condition.inner)})`;
    case 'comparison':
      return `${printExpression(condition.left)} ${condition.operator} ${printExpression(condition.right)}`;
    case 'constant':
      return String(condition.value);
    case 'test':
      return printCall(condition.call);
  }
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'nil':
      return 'nil';
    case 'string':
      return printString(expression.value);
    case 'int':
    case 'bool':
      return String(expression.value);
    case 'float':
      return printFloat(expression.value);
    case 'bytes':
      return `0x${Array.from(expression.value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    case 'symbol':
    case 'function':
      return expression.name;
    case 'path':
      return printPath(expression);
    case 'call':
      return printCall(expression);
    case 'list':
      return `[${expression.items.map(printExpression).join(', ')}]`;
    case 'map':
      return `{${expression.entries.map(({ key, value }) => `${printString(key)}: ${printExpression(value)}`).join(', ')}}`;
    case 'sign':
      return expression.sign + printExpression(expression.operand);
    case 'math':
      return (
        printExpression(expression.first) +
        expression.rest.map(({ operator, operand }) => ` ${operator} ${printExpression(operand)}`).join('')
      );
    case 'group':
      return `(${printExpression(expression.inner)})`;
  }
}

export function printPath({ fields }: Path): string {
  return fields.map(({ name, keys }) => name + printKeys(keys)).join('.');
}

function printCall({ name, arguments: args, keys }: Call): string {
  const written = args.map((one) => (one.name === undefined ? '' : `${one.name} = `) + printExpression(one.value));
  return `${name}(${written.join(', ')})${printKeys(keys)}`;
}

function printKeys(keys: readonly Expression[]): string {
  return keys.map((key) => `[${printExpression(key)}]`).join('');
}

function printString(text: string): string {
  const escaped = text.replace(/["\\]|\p{Cc}/gu, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}

/** With a point, without which it would be a whole number. */
function printFloat(value: number): string {
  const text = String(value);
  if (text.includes('.')) return text;
  return text.includes('e') ? text.replace('e', '.0e') : `${text}.0`;
}
