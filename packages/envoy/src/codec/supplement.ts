/**
 * Types that Envoy has but the shipped proto tree lacks, by package. Field numbers are those of
 * Envoy's contrib API and of OpenTelemetry's common.proto.
 */
export const supplementaryProtos: Readonly<Record<string, string>> = {
  "envoy.extensions.filters.network.kafka_broker.v3": `
syntax = "proto3";
package envoy.extensions.filters.network.kafka_broker.v3;
message KafkaBroker {
  string stat_prefix = 1;
  bool force_response_rewrite = 2;
}
`,
  "opentelemetry.proto.common.v1": `
syntax = "proto3";
package opentelemetry.proto.common.v1;
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue {
  repeated AnyValue values = 1;
}
message KeyValueList {
  repeated KeyValue values = 1;
}
message KeyValue {
  string key = 1;
  AnyValue value = 2;
}
`,
  "google.protobuf": `
syntax = "proto3";
package google.protobuf;
enum NullValue {
  NULL_VALUE = 0;
}
`,
};

export interface NewerField {
  readonly name: string;
  readonly id: number;
  readonly type: string;
  readonly rule?: "repeated";
}

/**
 * Fields that Envoy 1.40 has and the shipped proto tree, which is older, lacks; by message. Numbers are those of the descriptors
 * inside the Envoy binary.
 */
export const newerFields: Readonly<Record<string, readonly NewerField[]>> = {
  "envoy.config.route.v3.RouteMatch": [
    { name: "filter_state", id: 16, type: "envoy.type.matcher.v3.FilterStateMatcher", rule: "repeated" },
  ],
  "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig": [
    { name: "http_service", id: 8, type: "envoy.config.core.v3.HttpService" },
    { name: "grpc_service", id: 9, type: "envoy.config.core.v3.GrpcService" },
    { name: "log_name", id: 10, type: "string" },
  ],
  "envoy.extensions.filters.network.set_filter_state.v3.Config": [
    {
      name: "on_downstream_tls_handshake",
      id: 2,
      type: "envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue",
      rule: "repeated",
    },
  ],
};
