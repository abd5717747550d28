/* The gateway's /v1, nothing else. conversation.js calls it; errors are ApiProblem with the gateway's own code. */
import { createSseParser } from "./sse.js";

/** `code` is the gateway's, or "network" when no answer came. `retryAfterS` is null unless the gateway said so. */
export class ApiProblem extends Error {
  constructor(code, status = 0, retryAfterS = null) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

async function problemOf(response) {
  const retryAfterS = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  const body = await response.json().catch(() => null);
  return new ApiProblem(body?.code ?? "unknown", response.status, Number.isNaN(retryAfterS) ? null : retryAfterS);
}

/** Yields `{id, event}` until the stream ends; an idle stream ends as a network problem. */
async function* eventsOf(response, idleTimeoutMs) {
  const parser = createSseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await within(reader.read(), idleTimeoutMs);
      if (done) return;
      for (const { id, data } of parser.feed(value)) yield { id, event: JSON.parse(data) };
    }
  } catch (error) {
    throw error instanceof ApiProblem || error.name === "AbortError" ? error : new ApiProblem("network");
  } finally {
    await reader.cancel().catch(() => {}); // closes the connection of a stream left early
  }
}

function within(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new ApiProblem("network")), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** `fetch` is passed in so that tests need no network. */
export function createApi({ fetch, config }) {
  const call = async (path, { token, method = "GET", body, headers = {}, signal } = {}) => {
    const early = new AbortController();
    const cancel = () => early.abort();
    // The deadline covers the wait for the headers only: a stream may last longer, and `signal` still ends it.
    const timeout = AbortSignal.timeout(config.openTimeoutMs);
    timeout.addEventListener("abort", cancel);
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      const response = await fetch(`/v1${path}`, {
        method,
        signal: early.signal,
        cache: "no-store",
        credentials: "omit",
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await problemOf(response);
      return response;
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      if (signal?.aborted) throw new DOMException("stopped", "AbortError");
      throw new ApiProblem("network");
    } finally {
      timeout.removeEventListener("abort", cancel);
    }
  };
  const json = async (path, options) => (await call(path, options)).json();
  const stream = async function* (path, options) {
    const headers = { Accept: "text/event-stream", ...options.headers };
    const response = await call(path, { ...options, headers });
    yield* eventsOf(response, config.streamIdleTimeoutMs);
  };
  const at = (session) => `/sessions/${encodeURIComponent(session.id)}`;

  return {
    createSession: ({ locale, country }) =>
      json("/sessions", {
        method: "POST",
        body: { consent: { version: config.consentVersion }, locale, ...(country && { country }) },
      }),
    session: (session) => json(at(session), { token: session.token }),
    updateSession: (session, change) => json(at(session), { token: session.token, method: "PATCH", body: change }),
    deleteSession: (session) => call(at(session), { token: session.token, method: "DELETE" }),
    exportSession: async (session, format) =>
      (await call(`${at(session)}/export?format=${format}`, { token: session.token })).blob(),
    /** Country and language ride along for the edge, which answers alone when the companion cannot be reached. */
    sendMessage: (session, { text, suggestionId, key, signal, locale, country }) =>
      stream(`${at(session)}/messages`, {
        token: session.token,
        method: "POST",
        signal,
        headers: {
          "Idempotency-Key": key,
          ...(locale && { "Accept-Language": locale }),
          ...(country && { "X-Attune-Country": country }),
        },
        body: { text, ...(suggestionId && { suggestion_id: suggestionId }) },
      }),
    resumeMessage: (session, { messageId, lastEventId, signal }) =>
      stream(`${at(session)}/messages/${encodeURIComponent(messageId)}/events`, {
        token: session.token,
        signal,
        headers: lastEventId ? { "Last-Event-ID": lastEventId } : {},
      }),
    resources: (country) => json(country ? `/resources?country=${encodeURIComponent(country)}` : "/resources"),
    countries: async () => (await json("/resources/countries")).countries,
  };
}
