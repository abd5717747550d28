/* What the page does with the gateway: open, restore, send, stop, resume, delete. Views call it, the store hears it.
   The only things kept across a refresh are the session's id, its token, and the id of a turn under way. */

const KEPT = "attune.session";

/** `api`, `store`, `storage` (sessionStorage), `newKey` (a UUID a call) and `sleep` are passed in. */
export function createConversation({ api, store, storage, newKey, sleep, config, words }) {
  let session = null; // {id, token}
  let flight = null; // {key, controller} of the turn under way
  const keys = new Map(); // turn key → {text, suggestionId, idempotencyKey}

  const keep = (turn = null) => storage.setItem(KEPT, JSON.stringify({ ...session, ...(turn && { turn }) }));
  const forget = () => {
    session = null;
    keys.clear();
    storage.removeItem(KEPT);
  };
  const plain = (error) => ({ code: error.code ?? "unknown", retryAfterS: error.retryAfterS ?? null });
  const isGone = (error) => [401, 404, 410].includes(error.status);

  /** Follows one turn's events; returns true once `done` or `error` came. */
  async function follow(key, events, progress) {
    for await (const { id, event } of events) {
      if (event.type === "accepted") {
        progress.messageId = event.message_id;
        keep(event.message_id);
      }
      store.dispatch({ type: "turn", key, event });
      if (id) progress.lastEventId = id;
      if (event.type === "done" || event.type === "error") return true;
    }
    return false;
  }

  async function resume(key, progress, signal) {
    for (const delayMs of config.resumeDelaysMs) {
      await sleep(delayMs, signal);
      try {
        if (await follow(key, api.resumeMessage(session, { ...progress, signal }), progress)) return true;
      } catch (error) {
        if (error.code !== "network") throw error;
      }
    }
    return false;
  }

  async function deliver(key, { text, suggestionId, idempotencyKey }) {
    const controller = new AbortController();
    const { signal } = controller;
    const progress = { messageId: null, lastEventId: null };
    flight = { key, controller };
    try {
      const { locale, country } = store.state.session ?? {};
      const sending = api.sendMessage(session, { text, suggestionId, key: idempotencyKey, signal, locale, country });
      const ended = await follow(key, sending, progress).catch((error) => {
        if (error.code === "network" && progress.messageId) return false;
        throw error;
      });
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
      if (!ended && !(progress.messageId && (await resume(key, progress, signal)))) {
        store.dispatch({ type: "failed", key, problem: { code: "interrupted", retryAfterS: null } });
      }
    } catch (error) {
      if (signal.aborted) store.dispatch({ type: "stopped", key });
      else store.dispatch({ type: "failed", key, problem: plain(error) });
    } finally {
      if (flight?.key === key) flight = null;
      if (session) keep();
    }
  }

  async function restore() {
    const kept = JSON.parse(storage.getItem(KEPT) ?? "null");
    if (!kept) return "none";
    session = { id: kept.id, token: kept.token };
    try {
      const view = await api.session(session);
      store.dispatch({ type: "restored", view, ...words() });
      if (kept.turn && !answered(view, kept.turn)) await finish(kept.turn);
      return "restored";
    } catch (error) {
      if (!isGone(error)) {
        store.dispatch({ type: "problem", problem: plain(error) });
        return "unreachable";
      }
      forget();
      return "gone";
    }
  }

  const answered = (view, messageId) => {
    const at = view.transcript.findIndex((line) => line.message_id === messageId && line.role === "user");
    return at >= 0 && view.transcript.slice(at + 1).some((line) => line.role === "assistant");
  };

  /** A refresh in the middle of a reply: play its events again, then read the transcript once more. */
  async function finish(messageId) {
    const open = store.state.turns.find((turn) => turn.messageId === messageId);
    const key = open?.key ?? newKey();
    if (!open) store.dispatch({ type: "sent", key, text: "" });
    store.dispatch({ type: "replayed", key });
    const controller = new AbortController();
    flight = { key, controller };
    const progress = { messageId, lastEventId: null };
    try {
      await follow(key, api.resumeMessage(session, { ...progress, signal: controller.signal }), progress);
      if (!open) store.dispatch({ type: "restored", view: await api.session(session), ...words() });
    } catch (error) {
      if (controller.signal.aborted) store.dispatch({ type: "stopped", key });
      else store.dispatch({ type: "restored", view: await api.session(session), ...words() });
    } finally {
      flight = null;
      keep();
    }
  }

  return {
    restore,
    get isOpen() {
      return session !== null;
    },
    async open({ locale, country }) {
      const created = await api.createSession({ locale, country });
      session = { id: created.id, token: created.token };
      keep();
      store.dispatch({ type: "opened", created, locale, country });
    },
    async send(text, suggestionId = null) {
      if (flight || !session) return false;
      const key = newKey();
      const message = { text, suggestionId, idempotencyKey: key };
      keys.set(key, message);
      store.dispatch({ type: "sent", key, text, suggestionId });
      await deliver(key, message);
      return true;
    },
    /** Sends a turn again: under its old key when its fate is unknown, as a new message once the gateway closed it. */
    async retry(key) {
      const turn = store.state.turns.find((each) => each.key === key);
      if (flight || !session || !turn?.user) return;
      const known = keys.get(key) ?? { text: turn.user.text, suggestionId: turn.user.suggestionId };
      if (turn.reply?.status !== "failed") {
        await this.send(known.text, known.suggestionId);
        return;
      }
      const message = { ...known, idempotencyKey: turn.messageId ? newKey() : (known.idempotencyKey ?? newKey()) };
      keys.set(key, message);
      store.dispatch({ type: "retried", key });
      await deliver(key, message);
    },
    stop() {
      flight?.controller.abort();
    },
    async update(change) {
      if (session) store.dispatch({ type: "updated", view: await api.updateSession(session, change) });
    },
    async showCard(country) {
      const card = await api.resources(country);
      store.dispatch({ type: "card", card });
      return card;
    },
    exportAs: (format) => api.exportSession(session, format),
    async end({ erase }) {
      this.stop();
      if (erase) {
        await api.deleteSession(session).catch((error) => {
          if (!isGone(error)) throw error;
        });
      }
      forget();
      store.dispatch({ type: "closed" });
    },
  };
}
