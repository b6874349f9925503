/**
 * The plugins of Fluent Bit 5.1.1 and their options: what a build of it says about itself as JSON. The output `kafka`, which
 * that build lacks, is from its documentation. Options stand in lower case, with a letter for what they take: b boolean,
 * i integer, d decimal, t time, s size, 1 to 4 so many words at least, p any name that begins so.
 */

export const INPUT_OPTIONS =
  'tag log_level log_suppress_interval=t routable=b alias mem_buf_limit=s storage.type storage.pause_on_chunks_overlimit=b threaded=b thread.ring_buffer.capacity=i thread.ring_buffer.window=i rate_window=t rate_gate=b rate_gate.max_bytes=s rate_gate.max_records=i rate_gate.backpressure=b rate_gate.resume_ratio=d';

export const FILTER_OPTIONS = 'match match_regex alias log_level log_suppress_interval=t';

export const OUTPUT_OPTIONS =
  'match match_regex alias log_level log_suppress_interval=t retry_limit tls.windows.certstore_name tls.windows.use_enterprise_store tls.windows.client_thumbprints workers=i storage.total_limit_size host port=i';

export const NETWORK_OPTIONS =
  'net.dns.mode net.dns.resolver net.dns.prefer_ipv4=b net.dns.prefer_ipv6=b net.keepalive=b net.keepalive_idle_timeout=t net.tcp_keepalive=b net.tcp_keepalive_time=i net.tcp_keepalive_interval=i net.tcp_keepalive_probes=i net.io_timeout=t net.connect_timeout=t net.connect_timeout_log_error=b net.source_address net.keepalive_max_recycle=i net.max_worker_connections=i net.proxy_env_ignore=b';

export const TLS_OPTIONS =
  'tls=b tls.verify=b tls.verify_client_cert=b tls.debug=i tls.ca_file tls.ca_path tls.crt_file tls.key_file tls.key_passwd tls.vhost tls.verify_hostname=b tls.min_version tls.max_version tls.ciphers tls.proxy.ca_file tls.proxy.ca_path tls.proxy.verify=b tls.proxy.verify_hostname=b';

/** Own options of each plugin; `@net` and `@tls` stand for those two groups. */
export const INPUTS: Readonly<Record<string, string>> = {
  blob: 'path exclude_pattern database_file scan_refresh_interval=t upload_success_action upload_success_suffix upload_success_message upload_failure_action upload_failure_suffix upload_failure_message',
  collectd:
    'listen host port=i typesdb net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net',
  cpu: 'pid=i interval_sec=i interval_nsec=i',
  disk: 'interval_sec=i interval_nsec=i dev_name',
  docker: 'interval_sec=i interval_nsec=i include exclude path.sysfs path.containers',
  docker_events:
    'listen host port=i unix_path buffer_size=s parser key reconnect.retry_limits=i reconnect.retry_interval=i @net @tls',
  dummy:
    'samples=i dummy metadata rate=i interval_sec=i interval_nsec=i copies=i start_time_sec=i start_time_nsec=i fixed_timestamp=b flush_on_startup=b test_hang_on_exit=b',
  elasticsearch:
    'listen host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i tag_key meta_key hostname version net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  event_type: 'type interval_sec=i interval_nsec=i',
  exec: 'command parser interval_sec=i interval_nsec=i buf_size=s oneshot=b exit_after_oneshot=b propagate_exit_code=b',
  fluentbit_logs: '',
  fluentbit_metrics: 'scrape_interval=t scrape_on_start=b',
  forward:
    'listen host port=i tag_prefix shared_key self_hostname security.users unix_path unix_perm buffer_chunk_size=s buffer_max_size=s empty_shared_key=b workers=i net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  gpu_metrics:
    'cards_exclude cards_include enable_power=b enable_temperature=b enable_nvml=b path_sysfs scrape_interval=t',
  head: 'file key buf_size=s split_line=b lines=i add_path=b interval_sec=i interval_nsec=i',
  health: 'listen host port=i alert=b add_host=b add_port=b interval_sec=i interval_nsec=i @net @tls',
  http: 'listen host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i add_remote_addr=b remote_addr_key success_header=1 tag_key successful_response_code=i enable_health_endpoint=b net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  kmsg: 'prio_level=i',
  kubernetes_events:
    'listen host port=i kube_url interval_sec=i interval_nsec=i kube_watch_timeout=t kube_ca_file kube_ca_path kube_token_file kube_token_ttl=t kube_request_limit=i kube_retention_time=t kube_namespace db db.sync db.locking=b db.journal_mode @net @tls',
  lib: '',
  mem: 'interval_sec=i interval_nsec=i pid=i',
  mqtt: 'listen host port=i payload_key buffer_size=s net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  netif: 'interface interval_sec=i interval_nsec=i verbose=b test_at_init=b',
  nginx_metrics: 'listen host port=i status_url scrape_interval=t nginx_plus=b @net @tls',
  node_exporter_metrics:
    'scrape_interval=t collector.cpu.scrape_interval=t collector.cpufreq.scrape_interval=t collector.meminfo.scrape_interval=t collector.diskstats.scrape_interval=t collector.filesystem.scrape_interval=t collector.uname.scrape_interval=t collector.stat.scrape_interval=t collector.time.scrape_interval=t collector.timex.scrape_interval=t collector.loadavg.scrape_interval=t collector.vmstat.scrape_interval=t collector.netdev.scrape_interval=t collector.netstat.scrape_interval=t collector.sockstat.scrape_interval=t collector.filefd.scrape_interval=t collector.textfile.scrape_interval=t collector.systemd.scrape_interval=t collector.processes.scrape_interval=t collector.thermalzone.scrape_interval=t collector.nvme.scrape_interval=t collector.hwmon.scrape_interval=t metrics collector.textfile.path path.rootfs path.procfs path.sysfs systemd_service_restart_metrics=b systemd_unit_start_time_metrics=b systemd_include_service_task_metrics=b systemd_include_pattern systemd_exclude_pattern filesystem.ignore_mount_point_regex filesystem.ignore_filesystem_type_regex diskstats.ignore_device_regex collector.hwmon.chip-include collector.hwmon.chip-exclude collector.hwmon.sensor-include collector.hwmon.sensor-exclude',
  opentelemetry:
    'listen host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i profiles_support=b encode_profiles_as_log=b tag_key tag_from_uri=b successful_response_code=i raw_traces=b logs_metadata_key logs_body_key net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  podman_metrics: 'scrape_interval=t scrape_on_start=b path.config path.sysfs path.procfs',
  proc: 'interval_sec=i interval_nsec=i alert=b mem=b fd=b proc_name',
  process_exporter_metrics: 'scrape_interval=t path.procfs process_include_pattern process_exclude_pattern metrics',
  prometheus_remote_write:
    'listen host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i uri tag_from_uri=b successful_response_code=i net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  prometheus_scrape:
    'listen host port=i scrape_interval=t buffer_max_size=s metrics_path http_user http_passwd bearer_token @net @tls',
  prometheus_textfile: 'path scrape_interval=t',
  random: 'samples=i interval_sec=i interval_nsec=i',
  serial: 'file bitrate separator format min_bytes=i',
  splunk:
    'listen host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i success_header=1 splunk_token store_token_in_metadata=b splunk_token_key tag_key add_remote_addr=b remote_addr_key net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  statsd:
    'listen host port=i metrics=b net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net',
  stdin: 'parser buffer_size=s',
  syslog:
    'listen host port=i mode path unix_perm buffer_chunk_size=s buffer_max_size=s parser receive_buffer_size=s raw_message_key source_address_key format net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  tail: 'path exclude_path key read_from_head=b read_newly_discovered_files_from_head=b refresh_interval watcher_interval=t progress_check_interval=t progress_check_interval_nsec=i rotate_wait=t docker_mode=b docker_mode_flush=i docker_mode_parser path_key offset_key ignore_older=t ignore_active_older_files=b buffer_chunk_size=s buffer_max_size=s static_batch_size=s event_batch_size=s skip_long_lines=b exit_on_eof=b skip_empty_lines=b truncate_long_lines=b file_cache_advise=b inotify_watcher=b parser tag_regex db db.sync db.locking=b db.journal_mode db.compare_filename=b multiline=b multiline_flush=t parser_firstline parser_=p multiline.parser unicode.encoding generic.encoding',
  tcp: 'listen host port=i format separator parser chunk_size buffer_size source_address_key workers=i net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net @tls',
  thermal: 'interval_sec=i interval_nsec=i name_regex type_regex',
  udp: 'listen host port=i format separator parser chunk_size buffer_size source_address_key workers=i net.share_port=b net.backlog=i net.accept_timeout=t net.accept_timeout_log_error=b @net',
};

/** Own options of each plugin; `@net` and `@tls` stand for those two groups. */
export const FILTERS: Readonly<Record<string, string>> = {
  alter_size: 'add=i remove=i',
  aws: 'imds_version az=b ec2_instance_id=b ec2_instance_type=b private_ip=b vpc_id=b ami_id=b account_id=b hostname=b tags_enabled=b tags_include tags_exclude retry_interval_s=i enable_entity=b',
  checklist: 'file mode print_query_time=b ignore_case=b lookup_key record=2',
  ecs: 'add ecs_tag_prefix cluster_metadata_only=b ecs_meta_cache_ttl=t ecs_meta_host ecs_meta_port=i agent_endpoint_retries=i',
  expect: 'key_exists key_not_exists key_val_is_null key_val_is_not_null key_val_eq=1 action result_key',
  geoip2: 'database lookup_key record',
  grep: 'regex exclude logical_op',
  kubernetes:
    'buffer_size=s tls.debug=i tls.verify=b tls.vhost tls.verify_hostname=b merge_log=b merge_parser merge_log_key merge_log_trim=b keep_log=b kube_url kube_meta_preload_cache_dir kube_ca_file kube_ca_path kube_tag_prefix kube_namespace_file kube_token_file kube_token_command labels=b annotations=b owner_references=b namespace_labels=b namespace_annotations=b namespace_metadata_only=b k8s-logging.parser=b k8s-logging.exclude=b use_journal=b regex_parser dummy_meta=b dns_retries=i dns_wait_time=t cache_use_docker_id=b use_tag_for_meta=b use_kubelet=b kubelet_host kubelet_port=i kube_token_ttl=t kube_meta_cache_ttl=t kube_meta_namespace_cache_ttl=t aws_use_pod_association=b use_pod_association=b aws_pod_association_host aws_pod_association_endpoint aws_pod_association_port=i aws_pod_service_map_ttl=i aws_pod_service_map_refresh_interval=i aws_pod_service_preload_cache_dir aws_pod_association_host_server_ca_file aws_pod_association_host_client_cert_file aws_pod_association_host_client_key_file aws_pod_association_host_tls_debug=i aws_pod_association_host_tls_verify=b set_platform',
  log_to_metrics:
    'regex exclude metric_mode value_field metric_name metric_namespace metric_subsystem metric_description kubernetes_mode=b add_label label_field bucket tag emitter_name emitter_mem_buf_limit=s flush_interval_sec=i flush_interval_nsec=i discard_logs=b',
  lua: 'script code call type_int_key type_array_key protected_mode=b time_as_table=b enable_flb_null=b',
  modify:
    'set add remove remove_wildcard remove_regex move_to_start move_to_end rename hard_rename copy hard_copy condition',
  multiline:
    'debug_flush=b buffer=b mode flush_ms=i multiline.parser multiline.key_content emitter_name emitter_storage.type emitter_mem_buf_limit=s',
  nest: 'operation wildcard nest_under nested_under add_prefix remove_prefix',
  nightfall: 'nightfall_api_key policy_id sampling_rate=d tls.debug=i tls.verify=b tls.vhost tls.ca_path',
  parser: 'key_name parser preserve_key=b reserve_data=b unescape_key',
  record_modifier: 'record=2 remove_key allowlist_key whitelist_key uuid_key',
  rewrite_tag: 'rule=4 emitter_name emitter_storage.type emitter_mem_buf_limit=s',
  stdout: '',
  sysinfo: 'fluentbit_version_key os_name_key hostname_key os_version_key kernel_version_key',
  throttle: 'rate=d window=i print_status=b interval',
  type_converter: 'int_key=3 uint_key=3 float_key=3 str_key=3',
};

/** Own options of each plugin; `@net` and `@tls` stand for those two groups. */
export const OUTPUTS: Readonly<Record<string, string>> = {
  azure: 'host port=i customer_id shared_key log_type log_type_key time_key time_generated=b @net @tls',
  azure_blob:
    'host port=i account_name container_name auto_create_container=b blob_type compress compress_blob=b emulator_mode=b shared_key endpoint path date_key auth_type sas_token database_file part_size=s file_delivery_attempt_limit=i part_delivery_attempt_limit=i upload_parts_timeout=t upload_part_freshness_limit=t configuration_endpoint_url configuration_endpoint_username configuration_endpoint_password configuration_endpoint_bearer_token buffering_enabled=b buffer_dir upload_timeout=t upload_file_size=s azure_blob_buffer_key store_dir_limit_size=s buffer_file_delete_early=b blob_uri_length=i unify_tag=b scheduler_max_retries=i delete_on_max_upload_error=b io_timeout=t @net @tls',
  azure_kusto:
    'host port=i tenant_id client_id client_secret workload_identity_token_file auth_type ingestion_endpoint database_name table_name ingestion_mapping_reference log_key include_tag_key=b tag_key include_time_key=b time_key ingestion_endpoint_connect_timeout=t compression_enabled=b ingestion_resources_refresh_interval=t buffering_enabled=b buffer_dir upload_timeout=t upload_file_size=s azure_kusto_buffer_key store_dir_limit_size=s buffer_file_delete_early=b unify_tag=b blob_uri_length=i scheduler_max_retries=i delete_on_max_upload_error=b io_timeout=t @net @tls',
  azure_logs_ingestion:
    'host port=i tenant_id client_id client_secret auth_url dce_url dcr_id table_name time_key time_generated=b compress=b @net @tls',
  bigquery:
    'host port=i google_service_credentials enable_identity_federation=b aws_region project_number pool_id provider_id google_service_account service_account_email service_account_secret project_id dataset_id table_id skip_invalid_rows=b ignore_unknown_values=b @net @tls',
  chronicle:
    'host port=i google_service_credentials service_account_email service_account_secret project_id customer_id log_type region log_key namespace namespace_key label=1 @net @tls',
  cloudwatch_logs:
    'region log_group_name log_stream_name log_stream_prefix log_group_template log_stream_template log_key extra_user_agent log_format role_arn auto_create_group=b auto_retry_requests=b log_retention_days=i endpoint sts_endpoint external_id metric_namespace metric_dimensions profile log_group_class add_entity=b',
  counter: '',
  datadog:
    'host port=i compress header=1 apikey dd_service dd_source dd_tags dd_hostname proxy include_tag_key=b tag_key dd_message_key provider json_date_key @net @tls',
  es: 'host port=i index type suppress_type_name=b http_user http_passwd http_api_key compress cloud_id cloud_auth upstream aws_auth=b aws_region aws_sts_endpoint aws_role_arn aws_external_id aws_service_name aws_profile logstash_format=b logstash_prefix logstash_prefix_separator logstash_prefix_key logstash_dateformat time_key time_key_format time_key_nanos=b include_tag_key=b tag_key buffer_size=s path pipeline generate_id=b write_operation id_key replace_dots=b current_time_index=b trace_output=b trace_error=b @net @tls',
  exit: 'flush_count=i record_count=i time_count=i',
  file: 'path file enable_strftime=b max_dynamic_files=i on_missing_field on_limit_reached fallback_path fallback_file format delimiter label_delimiter template csv_column_names=b mkdir=b rotate=b rotate_max_size=s rotate_max_files=i rotate_gzip=b',
  flowcounter: 'unit event_based=b',
  forward:
    'host port=i time_as_integer=b retain_metadata_in_forward_mode=b shared_key self_hostname empty_shared_key=b send_options=b require_ack_response=b username password unix_path upstream tag compress fluentd_compat=b add_option=2 @net @tls',
  gcs: 'host port=i bucket gcs_key_format gcs_key_format_tag_delimiters static_file_path=b canned_acl upload_timeout=t send_content_md5=b preserve_data_ordering=b store_chunk_limit=i store_dir_limit_size=s content_type google_service_credentials store_dir compression @net @tls',
  gelf: 'host port=i mode gelf_tag_key gelf_short_message_key gelf_timestamp_key gelf_host_key gelf_full_message_key gelf_level_key packet_size=i compress=b @net @tls',
  http: 'host port=i proxy allow_duplicated_headers=b log_response_payload=b http.response_timeout=t http.read_idle_timeout=t http_user http_passwd oauth2.enable=b oauth2.token_url oauth2.client_id oauth2.client_secret oauth2.user_agent oauth2.scope oauth2.audience oauth2.resource oauth2.auth_method oauth2.jwt_key_file oauth2.jwt_cert_file oauth2.jwt_aud oauth2.jwt_header oauth2.jwt_ttl_seconds=i oauth2.refresh_skew_seconds=i oauth2.timeout=t oauth2.connect_timeout=t aws_auth=b aws_service aws_region aws_sts_endpoint aws_role_arn aws_external_id aws_profile header_tag format json_date_format json_date_key compress header=1 uri http_method gelf_timestamp_key gelf_host_key gelf_short_message_key gelf_full_message_key gelf_level_key body_key headers_key @net @tls',
  influxdb:
    'host port=i database bucket org sequence_tag uri http_user http_passwd http_token http_header=1 auto_tags=b tag_keys add_integer_suffix=b @net @tls',
  kafka:
    'brokers topics topic_key dynamic_topic=b format message_key message_key_field timestamp_key timestamp_format queue_full_retries=i gelf_timestamp_key gelf_host_key gelf_short_message_key gelf_full_message_key gelf_level_key schema_str schema_id group_id client_id raw_log_key aws_msk_iam=b aws_region rdkafka.=p',
  'kafka-rest':
    'host port=i message_key time_key topic url_path partition=d time_key_format include_tag_key=b tag_key avro_http_header=b @net @tls',
  kinesis_firehose:
    'region delivery_stream time_key time_key_format role_arn endpoint sts_endpoint external_id compression log_key auto_retry_requests=b profile simple_aggregation=b',
  kinesis_streams:
    'region stream time_key time_key_format role_arn endpoint sts_endpoint external_id log_key auto_retry_requests=b profile simple_aggregation=b compression',
  lib: 'format max_records=i data_mode',
  logdna:
    'host port=i logdna_host logdna_port=i logdna_endpoint api_key hostname mac ip tags file app exclude_promoted_keys=b @net @tls',
  loki: 'host port=i uri tenant_id tenant_id_key tenant_id_key_error_handling labels structured_metadata structured_metadata_map_keys auto_kubernetes_labels=b drop_single_key label_keys remove_keys line_format label_map_path http_user http_passwd buffer_size=s bearer_token header=1 compress @net @tls',
  nats: 'host port=i @net',
  nrlogs: 'host port=i base_uri api_key license_key compress @net @tls',
  null: 'format json_date_format json_date_key',
  opensearch:
    'host port=i index type suppress_type_name=b http_user http_passwd aws_auth=b aws_region aws_profile aws_sts_endpoint aws_role_arn aws_external_id aws_service_name logstash_format=b logstash_prefix logstash_prefix_separator logstash_prefix_key logstash_dateformat time_key time_key_format time_key_nanos=b include_tag_key=b tag_key buffer_size=s path pipeline generate_id=b write_operation id_key replace_dots=b current_time_index=b trace_output=b trace_error=b compress @net @tls',
  opentelemetry:
    'host port=i add_label=1 http2 grpc=b proxy http_user http_passwd aws_auth=b aws_service aws_region aws_sts_endpoint aws_role_arn aws_external_id aws_profile header=1 metrics_uri grpc_metrics_uri batch_size=i compress logs_max_resources=i logs_max_scopes=i logs_uri grpc_logs_uri logs_body_key logs_body_key_attributes=b traces_uri grpc_traces_uri profiles_uri grpc_profiles_uri log_response_payload=b logs_metadata_key logs_observed_timestamp_metadata_key logs_timestamp_metadata_key logs_severity_text_metadata_key logs_severity_number_metadata_key logs_trace_flags_metadata_key logs_span_id_metadata_key logs_trace_id_metadata_key logs_attributes_metadata_key logs_instrumentation_scope_metadata_key logs_resource_metadata_key logs_span_id_message_key logs_trace_id_message_key logs_severity_text_message_key logs_severity_number_message_key @net @tls',
  oracle_log_analytics:
    'host port=i config_file_location profile_name oci_config_in_record=b uri oci_la_log_group_id oci_la_log_set_id oci_la_entity_id oci_la_entity_type oci_la_log_source_name oci_la_log_path oci_la_global_metadata=2 oci_la_metadata=2 namespace proxy @net @tls',
  plot: 'key file',
  prometheus_exporter:
    'host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i add_timestamp=b add_label=1 @net',
  prometheus_remote_write:
    'host port=i add_label=1 proxy http_user http_passwd compression aws_auth=b aws_service aws_region aws_sts_endpoint aws_role_arn aws_external_id aws_profile header=1 uri log_response_payload=b @net @tls',
  s3: 'host port=i format json_date_format json_date_key total_file_size=s upload_chunk_size=s upload_timeout=t bucket region role_arn endpoint sts_endpoint canned_acl compression content_type store_dir store_dir_limit_size=s quarantine_dir_limit_size=s s3_key_format s3_key_format_tag_delimiters auto_retry_requests=b use_put_object=b send_content_md5=b preserve_data_ordering=b retry_exhausted_action log_key external_id static_file_path=b storage_class profile blob_database_file part_size=s file_delivery_attempt_limit=i part_delivery_attempt_limit=i upload_parts_timeout=t upload_part_freshness_limit=t authorization_endpoint_url authorization_endpoint_username authorization_endpoint_password authorization_endpoint_bearer_token @net @tls',
  skywalking: 'host port=i auth_token svc_name svc_inst_name @net @tls',
  slack: 'host port=i webhook @net @tls',
  splunk:
    'host port=i compress http_user http_passwd http_buffer_size=s http_debug_bad_request=b event_key event_host event_source event_sourcetype event_sourcetype_key event_index event_index_key event_field=2 splunk_token splunk_send_raw=b auto_extract_timestamp=b channel @net @tls',
  stackdriver:
    'host port=i google_service_credentials metadata_server service_account_email service_account_secret export_to_project_id project_id_key resource severity_key autoformat_stackdriver_trace=b trace_key span_id_key trace_sampled_key log_name_key http_request_key k8s_cluster_name k8s_cluster_location location namespace node_id job task_id compress labels labels_key tag_prefix stackdriver_agent custom_k8s_regex resource_labels text_payload_key test_log_entry_format=b cloud_logging_base_url @net @tls',
  stdout: 'format json_date_format json_date_key',
  syslog:
    'host port=i mode syslog_format syslog_maxsize=s syslog_severity_key syslog_severity_preset=i syslog_facility_key syslog_facility_preset=i syslog_hostname_key syslog_hostname_preset syslog_appname_key syslog_appname_preset syslog_procid_key syslog_procid_preset syslog_msgid_key syslog_msgid_preset syslog_sd_key syslog_message_key allow_longer_sd_id=b @net @tls',
  tcp: 'host port=i format json_date_format json_date_key raw_message_key @net @tls',
  td: 'api database table region @tls',
  udp: 'host port=i format json_date_format json_date_key raw_message_key @net',
  vivo_exporter:
    'host port=i http_server.http2=b http_server.idle_timeout=t http_server.buffer_max_size=s http_server.buffer_chunk_size=s http_server.max_connections=s http_server.workers=i http_server.ingress_queue_event_limit=s http_server.ingress_queue_byte_limit=s http2=b buffer_max_size=s buffer_chunk_size=s max_connections=s workers=i empty_stream_on_read=b stream_queue_size=s http_cors_allow_origin @net',
  websocket: 'host port=i uri format json_date_format json_date_key header=1 @net @tls',
};
