"""Who people are, and what stands beside them: demographics, deaths, preferences, care homes, caseloads."""
