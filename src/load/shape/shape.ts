import type { Signal } from '../../pdata/index.ts';
import type { Attributes } from '../otlp-part.ts';
import type { Random } from '../random.ts';
import type { RequestTemplate } from '../wire-template.ts';

export interface ShapeOptions {
  readonly random: Random;
  /** `service.name` of shapes that have one service. */
  readonly service: string;
  /** Added to every resource. */
  readonly resource: Attributes;
}

/** The requests of one shape for one signal, sent in rotation. */
export type TemplateFactory = (options: ShapeOptions) => readonly RequestTemplate[];

/** What a shape can send; a signal it lacks is an error of the user's. */
export type Shape = Readonly<Partial<Record<Signal, TemplateFactory>>>;
