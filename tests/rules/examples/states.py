"""What each state and event means, in words: docs/rules/states.md shows them."""

from callbacks.rules.states import Event, State

STATES = {
    State.SCHEDULED: "waits for its time or for a free agent; the queue says pending",
    State.OFFERED: "leased to one agent, who reads the preview; the lease has an end",
    State.WORKING: "accepted; it belongs to the agent until Done",
    State.COMPLETED: "handled: spoken to, marked complete, or the customer called us",
    State.CANCELLED: "withdrawn: by customer, supervisor, do-not-call, invalid number, or "
    "answered elsewhere",
    State.EXHAUSTED: "the retry policy gave up",
    State.EXPIRED: "too old to be worth a call",
}

EVENTS = {
    Event.REQUEST: "a customer asked to be called: the first event of every life",
    Event.OFFER: "claimed for an agent who is ready",
    Event.RESCHEDULE: "another time was promised",
    Event.SKIP: "this retry is used up without a dial",
    Event.MERGE: "a second request for the same contact and campaign was added to it",
    Event.ROLL: "its calling window closed or changed: the machine may dial in the next one",
    Event.CALL_NOW: "a supervisor wants it offered next, ahead of all",
    Event.REASSIGN: "it waits for another agent, or for anybody",
    Event.BUMP: "a supervisor moved it up or down the line",
    Event.NOTE: "something worth knowing; the state stays",
    Event.EXHAUST: "no retry is left",
    Event.CANCEL: "withdrawn; an agent who has it on the screen is told why",
    Event.COMPLETE: "a supervisor says that it was handled another way",
    Event.EXPIRE: "stale, in a campaign that gives stale ones up",
    Event.ACCEPT: "the agent took it, or it was accepted automatically",
    Event.REJECT: "the agent did not want it: back in line, its place kept",
    Event.TIME_OUT: "nobody answered the offer, or the agent was lost",
    Event.WITHDRAW: "taken back from the agent's screen, which says why",
    Event.CANCEL_ASKED: "the customer cancels during the work: the agent is told at once",
    Event.RELEASE: "given back without a dial that counts",
    Event.RETRY: "the outcome wants another call, at the time that the policy gives",
    Event.CALL_AGAIN: "agent and customer agreed on another time",
    Event.DONE: "handled",
    Event.GIVE_UP: "do-not-call request, or the number is not in service",
    Event.REOPEN: '"customer called" was undone within its ten minutes',
    Event.UNDO: "a supervisor took back what they had done seconds before: as it was",
}
