"""Who a row is about: the identity store, which alone knows whose number a ``person_id`` stands for."""
