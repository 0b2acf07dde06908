"""The language of the talk: what is asked for, what the agent says, and our own words."""
