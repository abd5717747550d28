-- Ends a turn: compare-and-set of the record, its last events, the idempotency state and the lock, all or nothing.
-- KEYS session, lock, idem, stream.
-- ARGV message id, version read, record, wrapped key or '', expires at ms, entry id, payload, stream ttl ms, idem field.
local s = redis.call('HMGET', KEYS[1], 'v', 'w')
if s[2] == ARGV[1] then return 'ok' end
if s[1] ~= ARGV[2] then return 'stale' end
redis.call('HSET', KEYS[1], 'v', tonumber(ARGV[2]) + 1, 'w', ARGV[1], 'd', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'k', ARGV[4]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[5])
redis.call('XADD', KEYS[4], ARGV[6], 'e', ARGV[7])
redis.call('PEXPIRE', KEYS[4], math.min(tonumber(ARGV[8]), redis.call('PTTL', KEYS[1])))
if ARGV[9] ~= '' then
  local seen = redis.call('HGET', KEYS[3], ARGV[9])
  if seen then redis.call('HSET', KEYS[3], ARGV[9], (string.gsub(seen, '|open|', '|done|', 1))) end
  redis.call('PEXPIREAT', KEYS[3], ARGV[5])
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 'ok'
