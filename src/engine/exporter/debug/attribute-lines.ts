import type { KeyValue } from '../../../otlp/index.ts';
import { typedText } from './value-text.ts';

/** Attributes under a heading; nothing when there are none. */
export function attributeLines(heading: string, attributes: readonly KeyValue[] = [], indent = ''): string[] {
  if (attributes.length === 0) return [];
  return [`${heading}:`, ...attributes.map(({ key = '', value }) => `${indent}     -> ${key}: ${typedText(value)}`)];
}
