"""Lists and registers as files for a spreadsheet: which columns there are, how a cell is made safe, and how a file is written."""
