"""Layer two, what was recorded: by whom, when, with what left out and put right later. It sees true events and habits,
and gives rows of the record's tables; it changes nothing that happened."""
