-- Compare-and-set of a record outside a turn. KEYS session, lock.
-- ARGV version read, record, wrapped key or '', expires at ms.
if redis.call('EXISTS', KEYS[2]) == 1 then return 'busy' end
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 'stale' end
redis.call('HSET', KEYS[1], 'v', tonumber(ARGV[1]) + 1, 'd', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'k', ARGV[3]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
return 'ok'
