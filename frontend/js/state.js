/* The conversation as one immutable value and the one function that changes it. Pure: no clock, no DOM, no network.

   A turn is what one message led to: {key, messageId, user, risk, notices, reply}. `user` is null for the greeting.
   A reply's status: waiting → writing → done | stopped | failed. */

export const INITIAL = Object.freeze({
  session: null, // {id, locale, country, expiresAt}; the token stays with conversation.js
  turns: [],
  suggestions: [],
  exercise: null,
  problem: null, // {code, retryAfterS} of something that is not a turn
  countries: [],
  card: null, // the last resource card, for the help dialog and offline use
});

const EMPTY_REPLY = Object.freeze({
  text: "", pieces: [], status: "waiting", degraded: false, why: null, problem: null,
});

/** True while a reply is on its way. */
export const isBusy = (state) => ["waiting", "writing"].includes(state.turns.at(-1)?.reply?.status);

function greetingTurn(greeting, notice) {
  return {
    key: "greeting", messageId: null, user: null, risk: null,
    notices: notice ? [notice] : [],
    reply: greeting ? { ...EMPTY_REPLY, text: greeting, status: "done" } : null,
  };
}

function sentTurn({ key, text, suggestionId }) {
  return {
    key, messageId: null, user: { text, suggestionId: suggestionId ?? null, emotion: null },
    risk: null, notices: [], reply: EMPTY_REPLY,
  };
}

/** Lines of a stored transcript as turns: a person's line opens a turn, Attune's next line answers it. */
export function turnsOf(transcript) {
  const turns = [];
  for (const [index, line] of transcript.entries()) {
    if (line.role === "user") {
      const emotion = line.emotion ? { label: line.emotion, mixed: false, abstained: false } : null;
      turns.push({
        key: `stored-${index}`, messageId: line.message_id, risk: null, notices: [],
        user: { text: line.text, suggestionId: null, emotion }, reply: null,
      });
      continue;
    }
    const reply = { ...EMPTY_REPLY, text: line.text, status: "done" };
    const open = turns.at(-1);
    if (open && !open.reply) turns[turns.length - 1] = { ...open, reply };
    else turns.push({ key: `stored-${index}`, messageId: line.message_id, user: null, risk: null, notices: [], reply });
  }
  return turns;
}

function restored(state, { view, notice, greeting }) {
  const stored = turnsOf(view.transcript);
  const opening = greetingTurn(stored[0]?.user === null ? null : greeting, notice);
  const session = { id: view.id, locale: view.locale, country: view.country, expiresAt: view.expires_at };
  return { ...state, session, turns: [opening, ...stored], exercise: standing(view.exercise), suggestions: [], problem: null };
}

/** Only an exercise that a person is in, was offered, paused or just finished stands on the page. */
const standing = (exercise) => (exercise && exercise.status !== "left" ? exercise : null);

const inTurn = (state, key, change) => ({
  ...state,
  turns: state.turns.map((turn) => (turn.key === key ? { ...turn, ...change(turn) } : turn)),
});
const inReply = (state, key, change) =>
  inTurn(state, key, (turn) => ({ reply: { ...(turn.reply ?? EMPTY_REPLY), ...change(turn.reply ?? EMPTY_REPLY) } }));

const TURN_EVENTS = {
  accepted: (state, key, event) => inTurn(state, key, () => ({ messageId: event.message_id })),
  // In danger the exercise makes room; the gateway sends it again when it goes on.
  risk: (state, key, event) => ({
    ...inTurn(state, key, () => ({ risk: event })),
    card: event.card, exercise: event.tier === "check_in" ? state.exercise : null,
  }),
  notice: (state, key, event) => inTurn(state, key, (turn) => ({ notices: [...turn.notices, event.text] })),
  emotion: (state, key, event) =>
    inTurn(state, key, (turn) => ({ user: turn.user && { ...turn.user, emotion: event.reading } })),
  delta: (state, key, event) =>
    inReply(state, key, (reply) => ({
      status: "writing", text: reply.text + event.text, pieces: [...reply.pieces, event.text],
    })),
  exercise: (state, key, event) => ({ ...state, exercise: standing(event) }),
  suggestions: (state, key, event) => ({ ...state, suggestions: event.items }),
  done: (state, key, event) =>
    inReply(state, key, (reply) => ({
      status: "done", text: event.text, degraded: event.degraded, why: event.why, problem: null,
      pieces: event.text === reply.text ? reply.pieces : [event.text],
    })),
  error: (state, key, event) =>
    inReply(state, key, () => ({ status: "failed", problem: { code: event.problem.code, retryAfterS: null } })),
};

const ACTIONS = {
  opened: (state, { created, locale, country }) => ({
    ...INITIAL, countries: state.countries, card: state.card,
    session: { id: created.id, locale, country: country ?? null, expiresAt: created.expires_at },
    turns: [greetingTurn(created.greeting, created.notice)],
  }),
  restored,
  closed: (state) => ({ ...INITIAL, countries: state.countries, card: state.card }),
  updated: (state, { view }) => ({
    ...state,
    session: { ...state.session, locale: view.locale, country: view.country, expiresAt: view.expires_at },
  }),
  sent: (state, action) => ({
    ...state, turns: [...state.turns, sentTurn(action)], suggestions: [], problem: null,
    exercise: state.exercise?.status === "completed" ? null : state.exercise,
  }),
  retried: (state, { key }) => inReply({ ...state, problem: null }, key, () => EMPTY_REPLY),
  turn: (state, { key, event }) => TURN_EVENTS[event.type]?.(state, key, event) ?? state,
  // A replay starts from the first event, so what was shown so far is dropped and told again.
  replayed: (state, { key }) => inReply(inTurn(state, key, () => ({ notices: [] })), key, () => EMPTY_REPLY),
  stopped: (state, { key }) => inReply(state, key, () => ({ status: "stopped" })),
  failed: (state, { key, problem }) => inReply(state, key, () => ({ status: "failed", problem })),
  problem: (state, { problem }) => ({ ...state, problem }),
  countries: (state, { countries }) => ({ ...state, countries }),
  card: (state, { card }) => ({
    ...state, card, turns: state.turns.map((turn) => (turn.risk ? { ...turn, risk: { ...turn.risk, card } } : turn)),
  }),
};

/** The next state. An unknown action is a mistake of ours and throws; an unknown event of the gateway is ignored. */
export function reduce(state, action) {
  return ACTIONS[action.type](state, action);
}

/** A holder of one state: `dispatch(action)`, `subscribe(listener(next, previous))`, `state`. */
export function createStore(initial = INITIAL) {
  let state = initial;
  const listeners = new Set();
  return {
    get state() {
      return state;
    },
    subscribe: (listener) => listeners.add(listener),
    dispatch(action) {
      const previous = state;
      state = reduce(previous, action);
      if (state !== previous) for (const listener of listeners) listener(state, previous);
    },
  };
}
