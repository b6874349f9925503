local function name_application(kubernetes)
  local labels = kubernetes.labels
  if labels ~= nil then
    kubernetes.app_name = labels["app.kubernetes.io/name"] or labels["app"]
  end
end

local function without_dots(map)
  if map == nil then
    return nil
  end
  local renamed = {}
  for key, value in pairs(map) do
    renamed[string.gsub(key, "%.", "_") .. ""] = value
  end
  return renamed
end

function enrich_app_name(tag, timestamp, record)
  if record.kubernetes == nil then
    return 0
  end
  name_application(record.kubernetes)
  return 2, timestamp, record
end

function dedot_and_enrich_app_name(tag, timestamp, record)
  if record.kubernetes == nil then
    return 0
  end
  name_application(record.kubernetes)
  record.kubernetes.labels = without_dots(record.kubernetes.labels)
  record.kubernetes.annotations = without_dots(record.kubernetes.annotations)
  return 2, timestamp, record
end
