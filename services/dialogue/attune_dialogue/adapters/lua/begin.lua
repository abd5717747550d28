-- Opens a turn in one round trip: checks the token, the idempotency key and the lock, then hands out the record.
-- KEYS session, lock, idem.  ARGV token digest, message id, lock ms, idem field or '', fingerprint, idem fields max.
-- Lua interns strings, so comparing two digests of equal length takes the same time whatever they hold.
local s = redis.call('HMGET', KEYS[1], 't', 'k', 'v', 'd')
if not s[1] or s[1] ~= ARGV[1] then return {'missing'} end
local holder = redis.call('GET', KEYS[2])
if ARGV[4] ~= '' then
  local seen = redis.call('HGET', KEYS[3], ARGV[4])
  if seen then
    local message_id, state, fingerprint = string.match(seen, '^([^|]*)|([^|]*)|(.*)$')
    if fingerprint ~= ARGV[5] then return {'mismatch'} end
    if state == 'done' then return {'replay', message_id, s[2]} end
    if holder and holder ~= ARGV[2] then return {'busy'} end
    -- The turn that claimed this key died with its process: the retry takes its place.
  end
end
if holder and holder ~= ARGV[2] then return {'busy'} end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if ARGV[4] ~= '' then
  if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[6]) then redis.call('DEL', KEYS[3]) end
  redis.call('HSET', KEYS[3], ARGV[4], ARGV[2] .. '|open|' .. ARGV[5])
  redis.call('PEXPIRE', KEYS[3], redis.call('PTTL', KEYS[1]))
end
return {'ok', s[2], s[3], s[4]}
