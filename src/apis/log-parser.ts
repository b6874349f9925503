import { object, text } from './schema.ts';

export const logParserSpec = object('What the parser does.', {
  parser: text('A parser section of Fluent Bit, without its name: that of the resource is used.', {
    minLength: 1,
    example: 'Format regex',
  }),
});
