-- Adds events, if any, to a turn's stream and keeps its lock alive. Never revives a deleted session.
-- KEYS session, lock, stream.  ARGV message id, lock ms, entry id, payload, stream ttl ms.
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[3], ARGV[3], 'e', ARGV[4])
  redis.call('PEXPIRE', KEYS[3], math.min(tonumber(ARGV[5]), redis.call('PTTL', KEYS[1])))
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return 'ok'
