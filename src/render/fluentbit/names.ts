import { sha256 } from '../../lib/index.ts';
import type { FluentBitGraph } from '../../pipeline/index.ts';

/** Room for what is put around it: no part of a path or tag may be longer than 255. */
const LONGEST_KEY = 63;
/** Fluent Bit once read names of variables into 64 bytes. */
const LONGEST_VARIABLE = 63;

type Named = Pick<FluentBitGraph, 'name'>;

/**
 * What everything of a pipeline is called: its tag, alias, database and folders. No two pipelines share one, and none has a
 * dot, so no tag begins with another's: names are lower case with dots, and have neither `_`, which stands for a dot here,
 * nor two dots in a row, which `__` in front of a hash would be.
 */
export function pipelineKey({ name }: Named): string {
  const plain = name.replaceAll('.', '_');
  if (plain.length <= LONGEST_KEY) return plain;
  return `${plain.slice(0, 20).replace(/[-_]+$/, '')}__${hash(name)}`;
}

export type VariableField =
  | { readonly field: 'http_host' | 'http_uri' | 'http_user' | 'http_password' }
  | { readonly field: 'var'; readonly name: string }
  /** An option of a section, by its place: `2_0_1`. */
  | { readonly field: 'option'; readonly place: string };

/**
 * Name of the environment variable behind a field or a variable of one pipeline. Upper case is of the name, lower case of
 * the field and of escapes, which begin with an x, as no field does.
 */
export function environmentName(graph: Named, field: VariableField): string {
  const tail = tailOf(field);
  const readable = `SLUICE_FLB_${encode(pipelineKey(graph))}_${tail}`;
  if (readable.length <= LONGEST_VARIABLE) return readable;
  return `SLUICE_FLB_x_${hash(`${graph.name}/${tail}`)}`;
}

function tailOf(field: VariableField): string {
  if (field.field === 'option') return `option_${field.place}`;
  return field.field === 'var' ? variableTail(field.name) : field.field;
}

/** It ends the name, so most can stand as they are. */
function variableTail(name: string): string {
  return /^\w+$/.test(name) ? `var_${name}` : `varx_${encode(name)}`;
}

function encode(text: string): string {
  return Array.from(text, (character) => {
    if (/[a-z0-9]/.test(character)) return character.toUpperCase();
    if (character === '-') return '_';
    return `x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** 128 bits: nobody finds two names with the same. */
function hash(text: string): string {
  return [...sha256(text).subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where Fluent Bit's container has what is rendered here, and its data. */
export const CONFIG_FOLDER = '/fluent-bit/sluice';
export const DATA_FOLDER = '/data';
export const CONFIG_FILE = `${CONFIG_FOLDER}/fluent-bit.conf`;
export const PARSERS_FILE = `${CONFIG_FOLDER}/parsers.conf`;
export const AWS_CREDENTIALS_FILE = `${CONFIG_FOLDER}/aws/credentials`;
export const ENRICH_SCRIPT = `${CONFIG_FOLDER}/enrich.lua`;

export function filePath(graph: Named, file: string): string {
  return `${CONFIG_FOLDER}/files/${pipelineKey(graph)}/${file}`;
}

export function tlsPath(graph: Named, file: 'ca.crt' | 'tls.crt' | 'tls.key'): string {
  return `${CONFIG_FOLDER}/tls/${pipelineKey(graph)}/${file}`;
}

/** Of its own, for plugins that keep files. */
export function dataFolder(graph: Named): string {
  return `${DATA_FOLDER}/plugins/${pipelineKey(graph)}`;
}
