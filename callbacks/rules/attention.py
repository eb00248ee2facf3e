"""Why a person must look at a callback: the sentences of the Attention tab."""

ZONE_UNKNOWN = "Zone not known: choose what to do"
NO_HOURS = "No calling hours: choose what to do"
OUTCOME_UNKNOWN = "The agent was lost and the outcome of the call is not known"
DIAL_UNKNOWN = "The carrier does not say whether the last call rang"
AGENT_LOST = "The agent was lost while a call was going on"
SAME_NUMBER = "Same number, different names: one person or two?"
