/** Writes the files that are generated from the source: `npm run generate`. With `--check` it writes nothing and fails when one is out of date. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { crdFileName, crdYaml, fieldsPage, RESOURCE_KINDS, RESOURCES } from '../src/apis/index.ts';
import { diagnosticsPage } from '../src/diagnostics/index.ts';
import { componentsPage } from '../src/engine/index.ts';
import { type PlacedResults, readResults, resultFolders, summaryPage } from '../src/lab/index.ts';
import { helmChart, installBundle, kustomizeBundle } from '../src/operator/index.ts';
import { functionsPage } from '../src/ottl/index.ts';

export interface GeneratedFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

type Generator = () => readonly GeneratedFile[];

/** One entry for each sort of generated file. A generator is pure: same source, same bytes. */
const GENERATORS: readonly Generator[] = [
  crdFiles,
  fieldsFiles,
  diagnosticsFiles,
  engineFiles,
  ottlFiles,
  installFiles,
  labFiles,
];

function crdFiles(): readonly GeneratedFile[] {
  return RESOURCE_KINDS.map((kind) => ({ path: `config/crd/${crdFileName(kind)}`, text: crdYaml(kind) }));
}

function fieldsFiles(): readonly GeneratedFile[] {
  return RESOURCE_KINDS.map((kind) => ({
    path: `docs/spec/fields/${RESOURCES[kind].singular}.md`,
    text: fieldsPage(kind),
  }));
}

function diagnosticsFiles(): readonly GeneratedFile[] {
  return [{ path: 'docs/spec/diagnostics.md', text: diagnosticsPage() }];
}

function engineFiles(): readonly GeneratedFile[] {
  return [{ path: 'docs/spec/engine.md', text: componentsPage() }];
}

function ottlFiles(): readonly GeneratedFile[] {
  return [{ path: 'docs/spec/ottl-functions.md', text: functionsPage() }];
}

function installFiles(): readonly GeneratedFile[] {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
  const inFolder = (folder: string) => (file: GeneratedFile) => ({ ...file, path: `config/${folder}/${file.path}` });
  return [
    ...kustomizeBundle(installBundle({ version })).map(inFolder('install')),
    ...helmChart(version).map(inFolder('chart')),
  ];
}

/** The last results of each profile of a question; a run of the lab that is not to be shown goes elsewhere by `--out`. */
function labFiles(): readonly GeneratedFile[] {
  const parent = join(REPOSITORY, 'experiments/results');
  const placed = readdirSync(parent)
    .sort()
    .flatMap((question) => {
      const last = new Map<string, PlacedResults>();
      for (const folder of resultFolders(join(parent, question))) {
        const results = readResults(folder);
        last.set(results.conditions.profile, { results, folder: relative(join(REPOSITORY, 'docs'), folder) });
      }
      return [...last.values()];
    });
  return [{ path: 'docs/lab-results.md', text: summaryPage(placed) }];
}

export function generatedFiles(): readonly GeneratedFile[] {
  return GENERATORS.flatMap((generate) => generate());
}

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** The generated files that are missing or differ from what the source says now. */
export function staleFiles(): readonly GeneratedFile[] {
  return generatedFiles().filter(({ path, text }) => read(join(REPOSITORY, path)) !== text);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function main(check: boolean): number {
  const stale = staleFiles();
  for (const { path, text } of stale) {
    if (check) {
      console.error(`out of date: ${path}`);
      continue;
    }
    mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true });
    writeFileSync(join(REPOSITORY, path), text);
    console.log(`wrote ${path}`);
  }
  if (check && stale.length > 0) console.error('run: npm run generate');
  return check && stale.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = main(process.argv.includes('--check'));
