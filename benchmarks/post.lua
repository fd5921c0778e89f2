-- For wrk: posts the body in the file BODY, and writes what it counted as JSON.
local file = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = os.getenv("CONTENT_TYPE")
wrk.headers["Inference-Header-Content-Length"] = os.getenv("JSON_LENGTH")

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "wrong": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, wrong,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
