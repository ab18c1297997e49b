"""The letter that tells a person that they are on the list: what it says, who may be written to, and a clinician's approval of each one."""
