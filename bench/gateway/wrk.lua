-- Requests of a guarded location, with the tokens of a file in turn; what came of it as one line of JSON.
local tokens, turn = {}, 0

function init(args)
  if args[1] then
    for token in io.lines(args[1]) do
      tokens[#tokens + 1] = wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. token })
    end
  end
end

function request()
  if #tokens == 0 then
    return wrk.format()
  end
  turn = turn % #tokens + 1
  return tokens[turn]
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"microseconds":%d,"p99":%d,"failed":%d}\n', summary.requests, summary.duration,
    latency:percentile(99), failed + summary.errors.status))
end
