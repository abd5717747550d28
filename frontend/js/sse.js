/* Server-sent events from a byte stream, as the WHATWG grammar has them. api.js reads replies with it: EventSource
   can neither POST nor send a bearer token. */

/** A parser: `feed(text)` returns the events completed so far as `{event, id, data}`. Comments (pings) yield nothing. */
export function createSseParser() {
  let buffer = "";
  let event = "";
  let data = [];
  let id = null;

  const dispatch = () => {
    const done = data.length > 0 ? { event: event || "message", id, data: data.join("\n") } : null;
    event = "";
    data = [];
    return done;
  };

  const takeLine = (line) => {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
    return null;
  };

  return {
    feed(text) {
      buffer += text;
      const events = [];
      for (;;) {
        const end = buffer.search(/\r\n|\n|\r/);
        // A lone CR at the end of a chunk may be the first half of CRLF.
        if (end < 0 || (buffer[end] === "\r" && end === buffer.length - 1)) return events;
        const width = buffer.startsWith("\r\n", end) ? 2 : 1;
        const found = takeLine(buffer.slice(0, end));
        buffer = buffer.slice(end + width);
        if (found) events.push(found);
      }
    },
  };
}
