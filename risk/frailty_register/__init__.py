"""The frailty register: people of 65 and over of whom something recorded proposes frailty, for a clinician to confirm, change or reject.

A product of its own, apart from the priority list in name, rows, routes and numbers: the score of risk has no part in it. Only a clinician's answer
counts anybody as frail, and no code of a diagnosis leaves it.
"""
