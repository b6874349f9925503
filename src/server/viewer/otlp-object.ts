/**
 * The parts of OTLP/JSON objects the viewer reads. Every field is optional because protobuf omits defaults; 64-bit
 * values are strings, ids are hex, bytes are base64.
 */
export interface KeyValueObject {
  readonly key?: string;
  readonly value?: AnyValueObject;
}

export interface AnyValueObject {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly AnyValueObject[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValueObject[] };
}

export interface ResourceObject {
  readonly attributes?: readonly KeyValueObject[];
}

export interface ScopeObject {
  readonly name?: string;
  readonly version?: string;
}

export interface TracesObject {
  readonly resourceSpans?: readonly {
    readonly resource?: ResourceObject;
    readonly scopeSpans?: readonly { readonly scope?: ScopeObject; readonly spans?: readonly SpanObject[] }[];
  }[];
}

export interface SpanObject {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly KeyValueObject[];
  readonly events?: readonly {
    readonly name?: string;
    readonly timeUnixNano?: string;
    readonly attributes?: readonly KeyValueObject[];
  }[];
  readonly links?: readonly {
    readonly traceId?: string;
    readonly spanId?: string;
    readonly attributes?: readonly KeyValueObject[];
  }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface LogsObject {
  readonly resourceLogs?: readonly {
    readonly resource?: ResourceObject;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecordObject[] }[];
  }[];
}

export interface LogRecordObject {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: AnyValueObject;
  readonly eventName?: string;
  readonly attributes?: readonly KeyValueObject[];
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface MetricsObject {
  readonly resourceMetrics?: readonly {
    readonly resource?: ResourceObject;
    readonly scopeMetrics?: readonly { readonly metrics?: readonly MetricObject[] }[];
  }[];
}

export interface MetricObject {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: PointsObject;
  readonly sum?: PointsObject;
  readonly histogram?: PointsObject;
  readonly exponentialHistogram?: PointsObject;
  readonly summary?: PointsObject;
}

export interface PointsObject {
  readonly dataPoints?: readonly DataPointObject[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface DataPointObject {
  readonly attributes?: readonly KeyValueObject[];
  readonly timeUnixNano?: string;
  readonly asDouble?: number | string;
  readonly asInt?: string | number;
  readonly count?: string | number;
  readonly sum?: number | string;
}
