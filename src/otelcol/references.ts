import { type Issue, type SourceDocument, suggest } from '../diagnostics/index.ts';
import { type ComponentId, componentType, type OtelcolConfig, type PipelineId, pipelineSignal } from './config.ts';
import { findPipelineCycle } from './pipeline-cycle.ts';
import { SECTIONS, type Section } from './shape.ts';

type Role = 'receivers' | 'processors' | 'exporters';

const NOUN: Readonly<Record<Section, string>> = {
  receivers: 'receiver',
  processors: 'processor',
  connectors: 'connector',
  exporters: 'exporter',
  extensions: 'extension',
};

/** Connectors that hand data on unchanged join pipelines of one signal only. */
const SAME_SIGNAL: ReadonlySet<string> = new Set(['forward', 'routing']);

/** Everything that names a component which is not there, or is there and of no use. */
export function checkReferences(config: OtelcolConfig, document: SourceDocument): Issue[] {
  const report = new ReferenceReporter(config, document);
  report.checkAmbiguousIds();
  report.checkExtensions();
  for (const id of Object.keys(config.service.pipelines) as PipelineId[]) report.checkPipeline(id);
  report.checkConnectors();
  report.checkUnused();
  report.checkCycle();
  return report.issues;
}

class ReferenceReporter {
  readonly issues: Issue[] = [];
  readonly #config: OtelcolConfig;
  readonly #document: SourceDocument;

  constructor(config: OtelcolConfig, document: SourceDocument) {
    this.#config = config;
    this.#document = document;
  }

  checkAmbiguousIds(): void {
    for (const id of Object.keys(this.#config.connectors)) {
      const other = (['exporters', 'receivers'] as const).find((section) => has(this.#config[section], id));
      if (other === undefined) continue;
      this.#error(
        'SL0415',
        `\`${id}\` is the id of both a connector and ${withArticle(NOUN[other])}`,
        ['connectors', id],
        {
          help: `rename the connector, for example to \`${id}/connector\``,
        },
      );
    }
  }

  checkExtensions(): void {
    for (const [i, id] of this.#config.service.extensions.entries()) {
      if (!has(this.#config.extensions, id)) this.#undefined('extensions', id, ['service', 'extensions', i]);
    }
  }

  checkPipeline(pipeline: PipelineId): void {
    const { receivers, processors, exporters } = this.#config.service.pipelines[pipeline]!;
    const lists = { receivers, processors, exporters };
    for (const role of ['receivers', 'processors', 'exporters'] as const) {
      for (const [i, id] of lists[role].entries()) {
        const path = ['service', 'pipelines', pipeline, role, i];
        if (!this.#defines(role, id)) this.#undefined(role, id, path);
        else if (role === 'processors' && lists[role].indexOf(id) < i) {
          this.#error('SL0419', `pipeline \`${pipeline}\` names processor \`${id}\` twice`, path, {
            help: 'remove one of the two, or define a second processor under another name',
          });
        }
      }
    }
  }

  checkConnectors(): void {
    for (const id of Object.keys(this.#config.connectors) as ComponentId[]) {
      const into = this.#pipelinesWith('exporters', id);
      const outOf = this.#pipelinesWith('receivers', id);
      if (into.length === 0 && outOf.length === 0) continue;
      for (const pipeline of into)
        if (!joins(id, pipeline, outOf)) this.#oneSided(id, pipeline, 'exporter', 'receiver');
      for (const pipeline of outOf)
        if (!joins(id, pipeline, into)) this.#oneSided(id, pipeline, 'receiver', 'exporter');
    }
  }

  checkUnused(): void {
    for (const section of SECTIONS) {
      for (const id of Object.keys(this.#config[section]) as ComponentId[]) {
        if (this.#isUsed(section, id)) continue;
        this.#add('warning', 'SL0414', `${NOUN[section]} \`${id}\` is not used`, [section, id], {
          label: 'defined here, named nowhere',
          help:
            section === 'extensions'
              ? 'name it under `service.extensions`, or remove it'
              : 'name it in a pipeline, or remove it',
        });
      }
    }
  }

  checkCycle(): void {
    const cycle = findPipelineCycle(this.#config);
    if (cycle === undefined) return;
    const path = ['service', 'pipelines', cycle[0]!];
    this.#error('SL0413', 'the pipelines form a cycle: data would go round for ever', path, {
      notes: [[...cycle, cycle[0]].join(' → ')],
      help: 'remove the connector from one of these pipelines',
    });
  }

  #defines(role: Role, id: ComponentId): boolean {
    return has(this.#config[role], id) || (role !== 'processors' && has(this.#config.connectors, id));
  }

  #pipelinesWith(role: Role, id: ComponentId): PipelineId[] {
    const { pipelines } = this.#config.service;
    return (Object.keys(pipelines) as PipelineId[]).filter((pipeline) => pipelines[pipeline]![role].includes(id));
  }

  #isUsed(section: Section, id: ComponentId): boolean {
    if (section === 'extensions') return this.#config.service.extensions.includes(id);
    if (section === 'connectors')
      return this.#pipelinesWith('receivers', id).length + this.#pipelinesWith('exporters', id).length > 0;
    return this.#pipelinesWith(section, id).length > 0;
  }

  #oneSided(
    id: ComponentId,
    pipeline: PipelineId,
    side: 'receiver' | 'exporter',
    missing: 'receiver' | 'exporter',
  ): void {
    const list = `${side}s` as const;
    const index = this.#config.service.pipelines[pipeline]![list].indexOf(id);
    const signal = SAME_SIGNAL.has(componentType(id)) ? ` ${pipelineSignal(pipeline)}` : '';
    this.#error(
      'SL0412',
      `connector \`${id}\` is ${withArticle(side)} of \`${pipeline}\` but no${signal} pipeline has it as ${missing}`,
      ['service', 'pipelines', pipeline, list, index],
      { help: `name it under \`${missing}s\` of another${signal} pipeline` },
    );
  }

  #undefined(section: Section, id: string, path: readonly (string | number)[]): void {
    const known = Object.keys(this.#config[section]);
    if (section !== 'processors' && section !== 'extensions') known.push(...Object.keys(this.#config.connectors));
    const guess = suggest(id, known);
    this.#error('SL0411', `${NOUN[section]} \`${id}\` is not defined`, path, {
      label: `no \`${id}\` under \`${section}\``,
      help: guess === undefined ? `define it under \`${section}\`` : `did you mean \`${guess}\`?`,
    });
  }

  #error(code: string, message: string, path: readonly (string | number)[], rest: Partial<Issue>): void {
    this.#add('error', code, message, path, rest);
  }

  #add(
    severity: Issue['severity'],
    code: string,
    message: string,
    path: readonly (string | number)[],
    rest: Partial<Issue>,
  ): void {
    const span = this.#document.spanOf(path, 'key') ?? this.#document.nearestSpan(path);
    this.issues.push({ code, severity, message, path, span, ...rest });
  }
}

function joins(id: ComponentId, pipeline: PipelineId, others: readonly PipelineId[]): boolean {
  if (!SAME_SIGNAL.has(componentType(id))) return others.length > 0;
  return others.some((other) => pipelineSignal(other) === pipelineSignal(pipeline));
}

function has(section: object, id: string): boolean {
  return Object.hasOwn(section, id);
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
