"""What hospitals and urgent care send: admitted care, who is in hospital now, emergency departments, outpatients, 999 and 111."""
